import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import {
  findWorkspace,
  type LocalOptions,
  openLocalQueue,
  type OpenedQueue,
  startRefresher,
} from '@claimlog/client/unstable-internals'
import { afterTheAnswer } from './after-the-answer.ts'
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

/** What every order carries of who gives it, and as which request. */
export const stampOf = ({ by, requestId }: Settings): Pick<Settings, 'by' | 'requestId'> => ({ by, requestId })

/** A workspace that a command works on, and what it is made of. */
export type Session = OpenedQueue

/**
 * Opens the workspace in `dir`, which must hold a log. One that is open for `long` writes `queue.json` about twice a second
 * and not with each command.
 */
export const openSession = async (
  dir: string,
  settings: Settings,
  long = false,
): Promise<E.Either<CliError, Session>> => {
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
  })()
}

/** Runs `body` on the workspace that the flags, the environment and the working directory name; `long`: see {@link openSession}. */
export const inWorkspace = async <A>(
  settings: Settings,
  body: (session: Session) => Promise<E.Either<CliError, A>>,
  long = false,
): Promise<E.Either<CliError, A>> => {
  const found = findWorkspace(settings.dir)
  if (E.isLeft(found)) return found
  const { right: dir } = found
  const session = await openSession(dir, settings, long)
  if (E.isLeft(session)) return session
  afterTheAnswer(session.right.queue.close)
  return body(session.right)
}

/** Reads from a workspace, and has `queue.json` follow: whoever opens it next sees what this command has shown. */
export const readAndRefresh = async <A>(
  { queue }: Pick<Session, 'queue'>,
  read: TE.TaskEither<Refusal | ReadFailure, A>,
): Promise<E.Either<Refusal | ReadFailure, A>> => {
  const seen = await read()
  if (E.isRight(seen) || 'error' in seen.left) await queue.refreshQueueFile()
  return seen
}
