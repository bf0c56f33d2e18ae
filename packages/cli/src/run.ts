/** Runs a command: reads its settings, opens the queue, makes one call and prints the result or the error. */
import { join } from 'node:path'
import type { Command } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type CallOptions,
  findLostLog,
  findPlace,
  findWorkspace,
  type LogPlace,
  type PlaceChoice,
  type LocalOptions,
  type LocalQueue,
  type QueueParts,
  openLocalQueue,
  startRefresher,
} from '@claimlog/client/unstable-internals'
import { exitCodes, type WriteResult } from '@claimlog/wire'
import { writeStdout, printDocument, errorDocument, errorLine, errorText, writeStderr } from './output/output.ts'
import { withProgress } from './output/progress.ts'
import { printNotice } from './output/print-notice.ts'
import { type CliError, toShownError } from './cli-error.ts'
import type * as RenderersModule from './render/index.ts'
import { defer, explainUnansweredAppend } from './run-main.ts'

/** The settings of every command, from flags or from the environment. */
export type Settings = {
  readonly log?: string
  readonly dir?: string
  readonly json?: true
  readonly durability: NonNullable<LocalOptions['durability']>
  readonly lockTimeout: number
  readonly by?: string
  readonly requestId?: string
}

/** The flags of a command, including those of every command. */
export const readSettings = <O extends object>(command: Command): O & Settings =>
  command.optsWithGlobals<O & Settings>()

/** The author and the request id of a call. */
export const toCallOptions = ({ by, requestId }: Settings): CallOptions => ({ by, requestId })

/** The result of a command, as data and, for people, as text. */
export type CommandOutput = { readonly json: unknown; readonly text?: () => string | Promise<string> }

export type Renderers = typeof RenderersModule

/** The text of a result, for people. Loads the renderers on demand. */
export const renderLazily = (render: (renderers: Renderers) => string) => async (): Promise<string> =>
  render(await import('./render/index.ts'))

/** The document of a successful write. It has `durability` if power loss may undo the write. */
export const toOkDocument = <A extends object>(
  { durability }: Pick<Settings, 'durability'>,
  result: A,
): WriteResult & A => (durability === 'os' ? { ok: true, ...result, durability } : { ok: true, ...result })

/** The open workspace of a command, with its parts. */
export type Session = QueueParts

/** Opens the workspace found through the flags, the environment or the working directory. Closes it after the result. */
export const openWorkspace = (settings: Settings, isLongRunning = false): TE.TaskEither<CliError, Session> =>
  pipe(
    TE.fromEither(findPlace(settings)),
    TE.chainW(place => openFoundWorkspace(place, settings, isLongRunning)),
  )

/** Opens the workspace at a place. Closes it after the result. */
export const openFoundWorkspace = (
  place: LogPlace,
  settings: Settings,
  isLongRunning = false,
): TE.TaskEither<CliError, Session> =>
  pipe(
    openSession(place, settings, isLongRunning),
    TE.map(session => {
      explainUnansweredAppend(session)
      defer(session.queue.close)
      return session
    }),
  )

declare const __dirname: string

/**
 * Opens the workspace at a place, where there must be a log. With `isLongRunning`, for a command that keeps running, `queue.json` is
 * written about twice a second instead of with each change, and the refresher of a large file starts immediately: after the
 * result would be hours later.
 */
export const openSession = (
  place: LogPlace,
  settings: Settings,
  isLongRunning = false,
): TE.TaskEither<CliError, Session> => {
  const { durability, lockTimeout: lockTimeoutMs } = settings
  const dir = place._tag === 'directory' ? place.dir : undefined
  const refresh = async (): Promise<void> => {
    if (dir !== undefined) await startRefresher({ dir, program: join(__dirname, 'claimlog-refresher.cjs') })
  }
  return openLocalQueue({
    place,
    durability,
    lockTimeoutMs,
    notify: printNotice,
    mode: isLongRunning ? 'coalesced' : 'each',
    refreshElsewhere: isLongRunning ? refresh : () => defer(refresh),
    withProgress: work => withProgress(dir, 'read', work),
  })
}

/** Opens the queue of the workspace, see {@link openWorkspace}. */
export const openQueue = (settings: Settings, isLongRunning = false): TE.TaskEither<CliError, LocalQueue> =>
  pipe(
    openWorkspace(settings, isLongRunning),
    TE.map(({ queue }) => queue),
  )

/** The directory of the workspace, once its log has been found there; a log on a server is refused. */
export const findLog = (choice: PlaceChoice): E.Either<CliError, string> =>
  pipe(
    findWorkspace(choice),
    E.chainW(dir => {
      const lostLog = findLostLog(dir)
      return lostLog === undefined ? E.right(dir) : E.left(lostLog)
    }),
  )

/** Reads from a queue and refreshes `queue.json`, so that the file is not older than the result shown. */
export const queryAndRefresh =
  <L extends object, A>(queue: LocalQueue, query: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    const result = await query()
    if (E.isRight(result) || 'error' in result.left) await queue.refreshQueueFile()
    return result
  }

/** Opens the queue, runs one command on it and returns its result as an `ok` document. */
export const executeCommand = <A extends object>(
  settings: Settings,
  call: (queue: LocalQueue, options: CallOptions) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    openQueue(settings),
    TE.chainW(queue => call(queue, toCallOptions(settings))),
    TE.map(result => ({ json: toOkDocument(settings, result) })),
  )

/** Prints the outcome of a command for programs, always as JSON, and sets the exit code. */
export const printForPrograms = async (outcome: TE.TaskEither<CliError, CommandOutput>): Promise<void> =>
  printOutcome(true, await outcome())

/** Prints the outcome of a command for people, as JSON only with `--json`, and sets the exit code. */
export const printForPeople =
  ({ json }: Pick<Settings, 'json'>) =>
  async (outcome: TE.TaskEither<CliError, CommandOutput>): Promise<void> =>
    printOutcome(json === true, await outcome())

/** Prints the outcome of a command and sets the exit code. */
export const printOutcome = async (asJson: boolean, outcome: E.Either<CliError, CommandOutput>): Promise<void> => {
  if (E.isLeft(outcome)) return printError(asJson, outcome.left)
  const { json, text } = outcome.right
  if (asJson || text === undefined) printDocument(json)
  else writeStdout(await text())
}

/** Reports an error, as JSON on stdout or as text on stderr, and sets the exit code. */
export const printError = (asJson: boolean, error: CliError): void => {
  const shownError = toShownError(error)
  if (asJson) writeStdout(errorDocument(shownError))
  else writeStderr(errorText(shownError))
  process.exitCode = shownError.exitCode
}

/** Reports an error of a command that prints line by line: as its last line, or as text on stderr. */
export const printStreamError = (asJson: boolean, error: CliError): void =>
  asJson ? printErrorLine(error) : printError(false, error)

/** Reports an error as a line of NDJSON and sets the exit code. */
export const printErrorLine = (error: CliError): void => {
  const shownError = toShownError(error)
  writeStdout(errorLine(shownError))
  process.exitCode = shownError.exitCode
}

/**
 * Reports an error of a hook on stderr, with exit code 1. Agents treat exit code 2 of a hook as an instruction, for example
 * to keep working; after any other code they show the message to a person and continue.
 */
export const printHookError = (error: CliError): void => {
  writeStderr(errorText(toShownError(error)))
  process.exitCode = exitCodes.internal
}
