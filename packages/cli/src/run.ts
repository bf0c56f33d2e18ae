/**
 * Runs a command: its settings, the queue that it opens, the one call that carries it out, and what is printed of its answer
 * or its failure.
 */
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
  type OpenedQueue,
  openLocalQueue,
  startRefresher,
} from '@claimlog/client/unstable-internals'
import { exitCodes, type Written } from '@claimlog/wire'
import { print, printDocument, problemDocument, problemLine, problemText, tell } from './output/output.ts'
import { withProgress } from './output/progress.ts'
import { tellNotice } from './output/tell-notice.ts'
import { type CliError, problemOf } from './problem.ts'
import type * as RenderersModule from './render/index.ts'
import { afterTheAnswer } from './run-to-the-end.ts'

/** The flags and the environment's variables that every command takes. */
export type Settings = {
  readonly dir?: string
  readonly json?: true
  readonly durability: NonNullable<LocalOptions['durability']>
  readonly lockTimeout: number
  readonly by?: string
  readonly requestId?: string
}

/** The flags of a command together with those of every command. */
export const settingsOf = <O extends object>(command: Command): O & Settings => command.optsWithGlobals<O & Settings>()

/** Who makes each call of the queue, and as which request. */
export const callOptions = ({ by, requestId }: Settings): CallOptions => ({ by, requestId })

/** The result of a command, as data and, for people, in words. */
export type Output = { readonly json: unknown; readonly text?: () => string | Promise<string> }

export type Renderers = typeof RenderersModule

/** The text of an answer, for people: renderers are loaded only if one is needed. */
export const rendered = (render: (renderers: Renderers) => string) => async (): Promise<string> =>
  render(await import('./render/index.ts'))

/** The answer `ok` with what came of it; one that a power cut may take back says so. */
export const okDocument = <A extends object>({ durability }: Pick<Settings, 'durability'>, answer: A): Written & A =>
  durability === 'os' ? { ok: true, ...answer, durability } : { ok: true, ...answer }

/** A workspace that a command works on, and what it is made of. */
export type Session = OpenedQueue

/** Opens the workspace that the flags, the environment and the working directory name, until the answer is given. */
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
 * Opens the workspace in `dir`, which must hold a log. A command that runs for `long` writes `queue.json` about twice a second
 * and not with each change, and starts the refresher of a large one at once and not after its answer, hours later.
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
    whileReading: work => withProgress(dir, 'read', work),
  })
}

/** Opens the queue of that workspace. */
export const openQueue = (settings: Settings, long = false): TE.TaskEither<CliError, LocalQueue> =>
  pipe(
    openWorkspace(settings, long),
    TE.map(({ queue }) => queue),
  )

/** The directory of the workspace that is named; its log is there. */
export const findLog = (named: string | undefined): E.Either<CliError, string> =>
  pipe(
    findWorkspace(named),
    E.chainW(dir => {
      const lost = findLostLog(dir)
      return lost === undefined ? E.right(dir) : E.left(lost)
    }),
  )

/** Reads from a queue, and has `queue.json` follow: whoever opens it next sees what this command has shown. */
export const readAndRefresh =
  <L extends object, A>(queue: LocalQueue, read: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    const seen = await read()
    if (E.isRight(seen) || 'error' in seen.left) await queue.refreshQueueFile()
    return seen
  }

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

/** Says what went wrong, as a document on stdout or in words on stderr, and sets the exit code. */
export const fail = (asJson: boolean, error: CliError): void => {
  const problem = problemOf(error)
  if (asJson) print(problemDocument(problem))
  else tell(problemText(problem))
  process.exitCode = problem.exitCode
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
