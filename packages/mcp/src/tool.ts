import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { QueueFailure } from '@claimlog/client/unstable-internals'
import type { JsonSchema, RecordCodec } from '@claimlog/codecs'
import type { ToolContext } from './agent-session.ts'
import type { ToolOutput } from './answer.ts'
import type { ToolError } from './mcp-options.ts'
import { decodeInput, inputSchema } from './tool-input.ts'

/** A call, in addition to its arguments. */
export type ToolCall = {
  /** Aborts when the client cancels the call. */
  readonly signal: AbortSignal
  /** Sends a progress notification to the client. */
  readonly reportProgress: () => void
}

/** The answer of a call, or an error. */
export type ToolResult = TE.TaskEither<QueueFailure | ToolError, ToolOutput>

type ToolInfo = {
  readonly name: string
  readonly description: string
  /** True if it changes nothing. */
  readonly readOnly: boolean
  /** True if a second call with the same arguments changes nothing. */
  readonly idempotent: boolean
}

/** A tool for agents. */
export type Tool = ToolInfo & {
  readonly inputSchema: JsonSchema
  /** Decodes the arguments. */
  readonly decode: (args: unknown) => E.Either<ToolError, unknown>
  /** Decodes the arguments and returns the function to run. */
  readonly prepare: (args: unknown) => E.Either<ToolError, ToolRun>
}

/** Runs a call in a context. */
export type ToolRun = (context: ToolContext, call: ToolCall) => ToolResult

/** The definition of a tool. */
type ToolDefinition<A> = ToolInfo & {
  readonly input: RecordCodec<A>
  /** Descriptions of the fields whose names do not explain themselves. */
  readonly fields: Readonly<Record<string, string>>
  readonly run: (input: A, context: ToolContext, call: ToolCall) => ToolResult
}

/** Creates a tool and hides the type of its arguments. */
export const defineTool = <A>({ input, fields, run, ...info }: ToolDefinition<A>): Tool => {
  const decode = (args: unknown): E.Either<ToolError, A> => decodeInput(info.name, input, args)
  return {
    ...info,
    inputSchema: inputSchema(input, fields),
    decode,
    prepare: args =>
      pipe(
        decode(args),
        E.map(
          (decoded): ToolRun =>
            (context, call) =>
              run(decoded, context, call),
        ),
      ),
  }
}
