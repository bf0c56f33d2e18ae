import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type CallOptions,
  findLostLog,
  findWorkspace,
  type LocalOptions,
  type LocalQueue,
  openLocalQueue,
  type OpenedQueue,
  startRefresher,
} from '@claimlog/client/unstable-internals'
import { afterTheAnswer } from './run-to-the-end.ts'
import type { CliError } from './problem.ts'
import { withProgress } from './output/progress.ts'
import { tellNotice } from './output/tell-notice.ts'

declare const __dirname: string

/** What the flags and the environment say for every command. */
export type Settings = {
  readonly dir?: string
  readonly json?: true
  readonly durability: NonNullable<LocalOptions['durability']>
  readonly lockTimeout: number
  readonly by?: string
  readonly requestId?: string
}

/** What every call of the queue is told of who makes it, and as which request. */
export const callOptions = ({ by, requestId }: Settings): CallOptions => ({ by, requestId })

/** A workspace that a command works on, and what it is made of. */
export type Session = OpenedQueue

/**
 * Opens the workspace in `dir`, which must hold a log. One that is open for `long` writes `queue.json` about twice a second
 * and not with each command.
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
    refreshElsewhere: () => afterTheAnswer(refresh),
    whileReading: work => withProgress(dir, 'read', work),
  })
}

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

/** The directory of the workspace that is named; its log is there. */
export const findLog = (named: string | undefined): E.Either<CliError, string> =>
  pipe(
    findWorkspace(named),
    E.chainW(dir => {
      const lost = findLostLog(dir)
      return lost === undefined ? E.right(dir) : E.left(lost)
    }),
  )

/** Closes the queue once a call of it has answered. */
export const closing =
  <L, A>(queue: LocalQueue, call: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    try {
      return await call()
    } finally {
      await queue.close()
    }
  }

/** Opens the queue of that workspace. */
export const openQueue = (settings: Settings, long = false): TE.TaskEither<CliError, LocalQueue> =>
  pipe(
    openWorkspace(settings, long),
    TE.map(({ queue }) => queue),
  )

/** Reads from a queue, and has `queue.json` follow: whoever opens it next sees what this command has shown. */
export const readAndRefresh =
  <L extends object, A>(queue: LocalQueue, read: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    const seen = await read()
    if (E.isRight(seen) || 'error' in seen.left) await queue.refreshQueueFile()
    return seen
  }
