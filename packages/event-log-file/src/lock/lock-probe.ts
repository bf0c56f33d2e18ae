import { realDisk, realTimers } from '../disk/disk.ts'
import { lockHolder } from './lock-holders.ts'
import { OpenFile } from '../disk/log-file.ts'

/**
 * What a look at a file's lock came to: it is `free`, or stayed `held` for as long as was looked, or the system would not
 * say. `holderPid` is the process that took it, where the system tells; that process may have ended since, and one that
 * it started have the lock still. `ino` is what the system's own lists call the file by.
 */
export type LockProbe =
  | { readonly lock: 'free' }
  | { readonly lock: 'held'; readonly holderPid: number | undefined; readonly ino: number }
  | { readonly lock: 'unknown'; readonly code: string; readonly detail: string }

const pauseMs = 5

/**
 * Looks for up to `lookMs` whether the exclusive lock of the file at `path` can be taken. It is let go in the same moment,
 * so that others are kept waiting for microseconds at most, and the file is opened for reading only.
 */
export const probeLock = async (path: string, lookMs: number): Promise<LockProbe> => {
  let file: OpenFile | undefined
  try {
    file = OpenFile.open(realDisk, path, 'read')
    const until = realTimers.monotonicMs() + lookMs
    while (!file.tryLock()) {
      if (realTimers.monotonicMs() >= until)
        return { lock: 'held', holderPid: lockHolder(file), ino: file.identity().ino }
      await realTimers.sleep(pauseMs)
    }
    file.unlock()
    return { lock: 'free' }
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    if (typeof code !== 'string') throw thrown
    return { lock: 'unknown', code, detail: message }
  } finally {
    file?.close()
  }
}

/** Why the native module that takes the locks cannot be loaded here; undefined: it can. */
export const nativeLocksProblem = async (): Promise<string | undefined> => {
  try {
    const { flockSync } = await import('fs-ext')
    return typeof flockSync === 'function' ? undefined : 'it has no flock'
  } catch (thrown) {
    // Node lists in further lines who asked for it.
    return String(thrown instanceof Error ? thrown.message : thrown).split('\n')[0]
  }
}
