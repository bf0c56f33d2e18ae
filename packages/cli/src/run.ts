import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { CallOptions, LocalQueue } from '@claimlog/client/unstable-internals'
import type { Command } from 'commander'
import { exitCodes } from '@claimlog/wire'
import { print, printDocument, problemDocument, problemLine, problemText, tell } from './output/output.ts'
import { type CliError, problemOf } from './problem.ts'
import { callOptions, openQueue, type Settings } from './session.ts'
import type * as RenderersModule from './render/index.ts'

/** What a command came to, as data and, for people, in words. */
export type Output = { readonly json: unknown; readonly text?: () => string | Promise<string> }

/** The flags of a command together with those of every command. */
export const settingsOf = <O extends object>(command: Command): O & Settings => command.optsWithGlobals<O & Settings>()

/** The answer `ok` with what came of it; one that a power cut may take back says so. */
export const okDocument = ({ durability }: Pick<Settings, 'durability'>, answer: object): object =>
  durability === 'os' ? { ok: true, ...answer, durability } : { ok: true, ...answer }

/** Has the queue that the settings name carry out one command, and answers `ok` with what came of it. */
export const carryOut = <A extends object>(
  settings: Settings,
  call: (queue: LocalQueue, options: CallOptions) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, Output> =>
  pipe(
    openQueue(settings),
    TE.chainW(queue => call(queue, callOptions(settings))),
    TE.map(answer => ({ json: okDocument(settings, answer) })),
  )

export type Renderers = typeof RenderersModule

/** What a renderer makes of an answer, for people: renderers are loaded if one is needed. */
export const rendered = (render: (renderers: Renderers) => string) => async (): Promise<string> =>
  render(await import('./render/index.ts'))

/** Prints what a command comes to, for programs, which always get JSON; sets the exit code. */
export const answerPrograms = async (outcome: TE.TaskEither<CliError, Output>): Promise<void> =>
  finish(true, await outcome())

/** Prints what a command comes to, for people, who get text unless they ask for JSON; sets the exit code. */
export const answerPeople =
  ({ json }: Pick<Settings, 'json'>) =>
  async (outcome: TE.TaskEither<CliError, Output>): Promise<void> =>
    finish(json === true, await outcome())

/** Prints what a command came to and sets the exit code. */
export const finish = async (asJson: boolean, outcome: E.Either<CliError, Output>): Promise<void> => {
  if (E.isLeft(outcome)) return fail(asJson, outcome.left)
  const { json, text } = outcome.right
  if (asJson || text === undefined) printDocument(json)
  else print(await text())
}

/** Says what went wrong with a command that prints line by line: as its last one, or in words on stderr. */
export const failStreaming = (asJson: boolean, error: CliError): void =>
  asJson ? failInLine(error) : fail(false, error)

/** Says what went wrong as one more line of NDJSON, and sets the exit code. */
export const failInLine = (error: CliError): void => {
  const problem = problemOf(error)
  print(problemLine(problem))
  process.exitCode = problem.exitCode
}

/**
 * Says on stderr what went wrong with a hook. Agents take exit code 2 of one for an order, to go on for one; with any other
 * they tell a person, and go their way.
 */
export const failInHook = (error: CliError): void => {
  tell(problemText(problemOf(error)))
  process.exitCode = exitCodes.internal
}

/** Says what went wrong, as a document on stdout or in words on stderr, and sets the exit code. */
export const fail = (asJson: boolean, error: CliError): void => {
  const problem = problemOf(error)
  if (asJson) print(problemDocument(problem))
  else tell(problemText(problem))
  process.exitCode = problem.exitCode
}
