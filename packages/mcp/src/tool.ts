import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { QueueFailure } from '@claimlog/client/unstable-internals'
import type { JsonSchema, RecordCodec } from '@claimlog/codecs'
import type { Desk } from './agent-session.ts'
import type { Answer } from './answer.ts'
import type { Problem } from './mcp-options.ts'
import { decodeInput, inputSchema } from './tool-input.ts'

/** A call, in addition to its arguments. */
export type Call = {
  /** Aborts when the client cancels the call. */
  readonly signal: AbortSignal
  /** Sends a progress notification to the client. */
  readonly stillAtIt: () => void
}

/** The answer of a call, or an error. */
export type Called = TE.TaskEither<QueueFailure | Problem, Answer>

type About = {
  readonly name: string
  readonly description: string
  /** True if it changes nothing. */
  readonly readOnly: boolean
  /** True if a second call with the same arguments changes nothing. */
  readonly idempotent: boolean
}

/** A tool for agents. */
export type Tool = About & {
  readonly inputSchema: JsonSchema
  /** Decodes the arguments. */
  readonly read: (given: unknown) => E.Either<Problem, unknown>
  /** Decodes the arguments and returns the function to run. */
  readonly prepare: (given: unknown) => E.Either<Problem, Work>
}

/** Runs a call in a context. */
export type Work = (desk: Desk, call: Call) => Called

/** The definition of a tool. */
type ToolParts<A> = About & {
  readonly input: RecordCodec<A>
  /** Descriptions of fields whose names are not sufficient. */
  readonly fields: Readonly<Record<string, string>>
  readonly run: (input: A, desk: Desk, call: Call) => Called
}

/** Creates a tool and hides the type of its arguments. */
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
