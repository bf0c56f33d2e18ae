import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '@claimlog/messages'
import type { JsonSchema, RecordCodec } from '@claimlog/codecs'
import type { Refusal } from '@claimlog/domain'
import type { Desk } from './agent-session.ts'
import type { Answer } from './answer.ts'
import type { Problem } from './mcp-options.ts'
import { decodeInput, inputSchema } from './tool-input.ts'

/** What a call is, beside its arguments. */
export type Call = {
  /** Aborts when whoever called no longer waits. */
  readonly signal: AbortSignal
  /** Lets whoever called know that it is still being worked on. */
  readonly stillAtIt: () => void
}

/** What came of a call, or why nothing did. */
export type Called = E.Either<Refusal | Failure | Problem, Answer>

type About = {
  readonly name: string
  readonly description: string
  /** Whether it only looks. */
  readonly readOnly: boolean
  /** Whether calling it again with the same arguments changes nothing more. */
  readonly idempotent: boolean
}

/** What agents can do. */
export type Tool = About & {
  readonly inputSchema: JsonSchema
  /** What these arguments say, or what is wrong with them. */
  readonly read: (given: unknown) => E.Either<Problem, unknown>
  /** What a call with these arguments does, or what is wrong with them. */
  readonly prepare: (given: unknown) => E.Either<Problem, (desk: Desk, call: Call) => Promise<Called>>
}

/** What a tool is made of. */
type ToolParts<A> = About & {
  readonly input: RecordCodec<A>
  /** What fields are for, where their names do not say it. */
  readonly fields: Readonly<Record<string, string>>
  readonly run: (input: A, desk: Desk, call: Call) => Promise<Called>
}

/** A tool, of which nobody else need know what it takes. */
export const tool = <A>({ input, fields, run, ...about }: ToolParts<A>): Tool => ({
  ...about,
  inputSchema: inputSchema(input, fields),
  read: given => decodeInput(about.name, input, given),
  prepare: given => {
    const decoded = decodeInput(about.name, input, given)
    return E.isLeft(decoded) ? decoded : E.right((desk, call) => run(decoded.right, desk, call))
  },
})
