import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Event, State } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import { derivedFolderProblem } from './derived-folder.ts'
import { derivedFiles, queueFileOnDisk } from './queue-file-on-disk.ts'
import { sizeMarkOnDisk } from './queue-file-size.ts'
import { queueFileRefresh, type Refreshed, type Refreshing } from './queue-file-refresh.ts'

/** Runs `body` while no other process runs one under the same lock file. */
export type WithLockFile = <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
) => Promise<E.Either<IoFailed | LockTimeout, B>>

/** The workspace whose file it is, and how its lock is taken. */
type Whose = { readonly dir: string; readonly log: EventLog<Event>; readonly withLockFile: WithLockFile }

/**
 * Long enough for whoever writes it just now, also where many do and the disk stalls for a second; a process stopped while
 * it holds the lock must not stop the others for ever.
 */
const lockTimeoutMs = 5000

/** How to refresh the file in `dir`, waiting for its lock for so long. */
export const refreshingIn = (
  { dir, log, withLockFile }: Whose,
  notify: Refreshing['notify'],
  timeoutMs = lockTimeoutMs,
): Refreshing => {
  const file = queueFileOnDisk(dir)
  const lockPath = join(dir, derivedFiles.lock)
  const underLock: Refreshing['underLock'] = async body => {
    const problem = derivedFolderProblem(dir)
    if (problem !== undefined) return E.left(problem)
    const ran = await withLockFile(lockPath, timeoutMs, body)
    if (E.isRight(ran) || ran.left.failure !== 'IoFailed' || ran.left.code !== 'ENOENT') return ran
    file.prepare()
    return withLockFile(lockPath, timeoutMs, body)
  }
  return {
    file,
    sizeMark: sizeMarkOnDisk(dir),
    maxSize: 'large',
    log,
    notify,
    underLock,
    writes: () => true,
    keepsEdits: true,
  }
}

/**
 * For the process that brings the file up to date for others: does so up to 64 MiB, and says how the file is then. An edit
 * is left where it is, for the next command to tell of.
 */
export const queueFileRefresher = (whose: Whose): ((current: () => State) => Promise<Refreshed>) =>
  queueFileRefresh({ ...refreshingIn(whose, () => undefined), keepsEdits: false })
