/** Runs a command: reads its settings, opens the queue, makes one call and prints the result or the error. */
import { join } from 'node:path'
import type { Command } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type CallOptions,
  findLostLog,
  findWorkspace,
  type LocalOptions,
  type LocalQueue,
  type QueueParts,
  openLocalQueue,
  startRefresher,
} from '@claimlog/client/unstable-internals'
import { exitCodes, type WriteResult } from '@claimlog/wire'
import { print, printDocument, problemDocument, problemLine, problemText, tell } from './output/output.ts'
import { withProgress } from './output/progress.ts'
import { tellNotice } from './output/tell-notice.ts'
import { type CliError, problemOf } from './problem.ts'
import type * as RenderersModule from './render/index.ts'
import { afterTheAnswer } from './run-to-the-end.ts'

/** The settings of every command, from flags or from the environment. */
export type Settings = {
  readonly dir?: string
  readonly json?: true
  readonly durability: NonNullable<LocalOptions['durability']>
  readonly lockTimeout: number
  readonly by?: string
  readonly requestId?: string
}

/** The flags of a command, including those of every command. */
export const settingsOf = <O extends object>(command: Command): O & Settings => command.optsWithGlobals<O & Settings>()

/** The author and the request id of a call. */
export const callOptions = ({ by, requestId }: Settings): CallOptions => ({ by, requestId })

/** The result of a command, as data and, for people, as text. */
export type Output = { readonly json: unknown; readonly text?: () => string | Promise<string> }

export type Renderers = typeof RenderersModule

/** The text of a result, for people. Loads the renderers on demand. */
export const rendered = (render: (renderers: Renderers) => string) => async (): Promise<string> =>
  render(await import('./render/index.ts'))

/** The document of a successful write. It has `durability` if power loss may undo the write. */
export const okDocument = <A extends object>(
  { durability }: Pick<Settings, 'durability'>,
  answer: A,
): WriteResult & A => (durability === 'os' ? { ok: true, ...answer, durability } : { ok: true, ...answer })

/** The open workspace of a command, with its parts. */
export type Session = QueueParts

/** Opens the workspace found through the flags, the environment or the working directory. Closes it after the result. */
export const openWorkspace = (settings: Settings, long = false): TE.TaskEither<CliError, Session> =>
  pipe(
    TE.fromEither(findWorkspace(settings.dir)),
    TE.chainW(dir => openSession(dir, settings, long)),
    TE.map(session => {
      afterTheAnswer(session.queue.close)
      return session
    }),
  )

declare const __dirname: string

/**
 * Opens the workspace in `dir`, which must contain a log. With `long`, for a command that keeps running, `queue.json` is
 * written about twice a second instead of with each change, and the refresher of a large file starts immediately: after the
 * result would be hours later.
 */
export const openSession = (dir: string, settings: Settings, long = false): TE.TaskEither<CliError, Session> => {
  const { durability, lockTimeout: lockTimeoutMs } = settings
  const refresh = (): Promise<void> => startRefresher({ dir, program: join(__dirname, 'refresher.cjs') })
  return openLocalQueue({
    dir,
    durability,
    lockTimeoutMs,
    notify: tellNotice,
    mode: long ? 'coalesced' : 'each',
    refreshElsewhere: long ? refresh : () => afterTheAnswer(refresh),
    withProgress: work => withProgress(dir, 'read', work),
  })
}

/** Opens the queue of the workspace, see {@link openWorkspace}. */
export const openQueue = (settings: Settings, long = false): TE.TaskEither<CliError, LocalQueue> =>
  pipe(
    openWorkspace(settings, long),
    TE.map(({ queue }) => queue),
  )

/** The directory of the workspace, once its log has been found there. */
export const findLog = (named: string | undefined): E.Either<CliError, string> =>
  pipe(
    findWorkspace(named),
    E.chainW(dir => {
      const lost = findLostLog(dir)
      return lost === undefined ? E.right(dir) : E.left(lost)
    }),
  )

/** Reads from a queue and refreshes `queue.json`, so that the file is not older than the result shown. */
export const readAndRefresh =
  <L extends object, A>(queue: LocalQueue, read: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    const seen = await read()
    if (E.isRight(seen) || 'error' in seen.left) await queue.refreshQueueFile()
    return seen
  }

/** Opens the queue, runs one command on it and returns its result as an `ok` document. */
export const carryOut = <A extends object>(
  settings: Settings,
  call: (queue: LocalQueue, options: CallOptions) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, Output> =>
  pipe(
    openQueue(settings),
    TE.chainW(queue => call(queue, callOptions(settings))),
    TE.map(answer => ({ json: okDocument(settings, answer) })),
  )

/** Prints the outcome of a command for programs, always as JSON, and sets the exit code. */
export const answerPrograms = async (outcome: TE.TaskEither<CliError, Output>): Promise<void> =>
  finish(true, await outcome())

/** Prints the outcome of a command for people, as JSON only with `--json`, and sets the exit code. */
export const answerPeople =
  ({ json }: Pick<Settings, 'json'>) =>
  async (outcome: TE.TaskEither<CliError, Output>): Promise<void> =>
    finish(json === true, await outcome())

/** Prints the outcome of a command and sets the exit code. */
export const finish = async (asJson: boolean, outcome: E.Either<CliError, Output>): Promise<void> => {
  if (E.isLeft(outcome)) return fail(asJson, outcome.left)
  const { json, text } = outcome.right
  if (asJson || text === undefined) printDocument(json)
  else print(await text())
}

/** Reports an error, as JSON on stdout or as text on stderr, and sets the exit code. */
export const fail = (asJson: boolean, error: CliError): void => {
  const problem = problemOf(error)
  if (asJson) print(problemDocument(problem))
  else tell(problemText(problem))
  process.exitCode = problem.exitCode
}

/** Reports an error of a command that prints line by line: as its last line, or as text on stderr. */
export const failStreaming = (asJson: boolean, error: CliError): void =>
  asJson ? failInLine(error) : fail(false, error)

/** Reports an error as a line of NDJSON and sets the exit code. */
export const failInLine = (error: CliError): void => {
  const problem = problemOf(error)
  print(problemLine(problem))
  process.exitCode = problem.exitCode
}

/**
 * Reports an error of a hook on stderr, with exit code 1. Agents treat exit code 2 of a hook as an instruction, for example
 * to keep working; after any other code they show the message to a person and continue.
 */
export const failInHook = (error: CliError): void => {
  tell(problemText(problemOf(error)))
  process.exitCode = exitCodes.internal
}
