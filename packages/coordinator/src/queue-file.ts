import { join } from 'node:path'
import type * as E from 'fp-ts/lib/Either.js'
import { type Event, maxOpenWrittenAtOnce, type State } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import { derivedFiles, queueFileOnDisk } from './queue-file-on-disk.ts'
import { type QueueFileNotice, queueFileRefresh } from './queue-file-refresh.ts'

/** Runs `body` while no other process runs one under the same lock file. */
export type WithLockFile = <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
) => Promise<E.Either<IoFailed | LockTimeout, B>>

/** Keeps `queue.json` in step with the log. `current` gives the state as it is when it is asked. */
export type QueueFileWriter = {
  /** The state has changed: brings the file up to date, at once or, when coalescing, soon. */
  readonly changed: (current: () => State) => Promise<void>
  /**
   * The state was looked at: says so where somebody has edited the file, and brings it up to date where it can without
   * waiting. A reader who may not write is not told of it.
   */
  readonly looked: (current: () => State) => Promise<void>
  /** Writes the file anew, also where it seems to be up to date; false: it could not be, and a notice said why. */
  readonly rewrite: (current: () => State) => Promise<boolean>
  /** Brings the file up to date if it is not, and stops. */
  readonly close: (current: () => State) => Promise<void>
}

export type QueueFileOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly log: EventLog<Event>
  readonly withLockFile: WithLockFile
  readonly notify: (notice: QueueFileNotice) => void
  /**
   * `each`: the file is up to date when a command answers. `coalesced`: within 500 ms of it, 5 s in a workspace of more
   * than 10,000 open tasks, and at close; for processes that run many commands.
   */
  readonly mode: 'each' | 'coalesced'
}

/**
 * Long enough for whoever writes it just now, also where many do and the disk stalls for a second; a process stopped while
 * it holds the lock must not stop the others for ever.
 */
const lockTimeoutMs = 5000
const coalesceMs = 500
const coalesceLargeMs = 5000

/** A writer for the `queue.json` of one workspace, safe beside those of other processes. */
export const queueFileWriter = ({ dir, log, withLockFile, notify, mode }: QueueFileOptions): QueueFileWriter => {
  const file = queueFileOnDisk(dir)
  const lockPath = join(dir, derivedFiles.lock)
  const refresh = queueFileRefresh(file, log, notify, body => withLockFile(lockPath, lockTimeoutMs, body))
  const refreshQuietly = queueFileRefresh(file, log, tellEdits(notify), body => withLockFile(lockPath, 0, body))
  let timer: NodeJS.Timeout | undefined

  /** A command that was answered stays answered, whatever happens to a file that can be made again. */
  const safely = async (work: () => Promise<void>, tell: typeof notify): Promise<void> => {
    try {
      file.prepare()
      await work()
    } catch (thrown) {
      if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
      tell({ notice: 'QueueFileNotWritten', path: file.path, detail: (thrown as Error).message })
    }
  }
  const refreshSafely = (current: () => State): Promise<void> => safely(() => refresh(current), notify)

  const refreshSoon = (current: () => State): void => {
    if (timer !== undefined) return
    const large = current().table.count('open', '') > maxOpenWrittenAtOnce
    const refreshNow = (): void => {
      timer = undefined
      void refreshSafely(current)
    }
    timer = setTimeout(refreshNow, large ? coalesceLargeMs : coalesceMs)
    // Closing the workspace writes the file; waiting to write it is no reason to keep a process alive.
    timer.unref()
  }

  return {
    looked: async current => {
      if (mode === 'each') await safely(() => refreshQuietly(current), tellEdits(notify))
    },
    rewrite: async current => {
      let written = true
      const tell = (notice: QueueFileNotice): void => {
        if (notice.notice === 'QueueFileNotWritten') written = false
        notify(notice)
      }
      const rewrite = queueFileRefresh(file, log, tell, body => withLockFile(lockPath, lockTimeoutMs, body))
      await safely(() => {
        file.forgetStamp()
        return rewrite(current)
      }, tell)
      return written
    },
    changed: async current => {
      if (mode === 'each') await refreshSafely(current)
      else refreshSoon(current)
    },
    close: async current => {
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      await refreshSafely(current)
    },
  }
}

const tellEdits =
  (notify: (notice: QueueFileNotice) => void) =>
  (notice: QueueFileNotice): void => {
    if (notice.notice === 'QueueFileEdited') notify(notice)
  }
