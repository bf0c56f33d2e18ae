import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { QueueFailure } from '@claimlog/client/unstable-internals'
import type { JsonSchema, RecordCodec } from '@claimlog/codecs'
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
export type Called = TE.TaskEither<QueueFailure | Problem, Answer>

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
  readonly prepare: (given: unknown) => E.Either<Problem, Work>
}

/** What a call does at a desk. */
export type Work = (desk: Desk, call: Call) => Called

/** What a tool is made of. */
type ToolParts<A> = About & {
  readonly input: RecordCodec<A>
  /** What fields are for, where their names do not say it. */
  readonly fields: Readonly<Record<string, string>>
  readonly run: (input: A, desk: Desk, call: Call) => Called
}

/** A tool, of which nobody else need know what it takes. */
export const tool = <A>({ input, fields, run, ...about }: ToolParts<A>): Tool => {
  const read = (given: unknown): E.Either<Problem, A> => decodeInput(about.name, input, given)
  return {
    ...about,
    inputSchema: inputSchema(input, fields),
    read,
    prepare: given =>
      pipe(
        read(given),
        E.map(
          (asked): Work =>
            (desk, call) =>
              run(asked, desk, call),
        ),
      ),
  }
}
