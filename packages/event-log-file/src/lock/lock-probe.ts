import { realDisk, realTimers } from '../disk/disk.ts'
import { findLockHolder } from './lock-holders.ts'
import { OpenFile } from '../disk/log-file.ts'

/**
 * The result of a lock probe: `free`, or `held` for the whole time of the probe, or `unknown` if a system call failed.
 * `holderPid` is the process that took it, if the system says; that process may have ended, and a child process may
 * still have the lock. `ino` identifies the file in the system's own lists.
 */
export type LockProbe =
  | { readonly _tag: 'free' }
  | { readonly _tag: 'held'; readonly holderPid: number | undefined; readonly ino: number }
  | { readonly _tag: 'unknown'; readonly code: string; readonly detail: string }

const pauseMs = 5

/**
 * Tries for up to `probeMs` milliseconds to take the exclusive lock of the file at `path`. Releases it immediately, so
 * others wait for microseconds at most. Opens the file for reading only.
 */
export const probeLock = async (path: string, probeMs: number): Promise<LockProbe> => {
  let file: OpenFile | undefined
  try {
    file = OpenFile.open(realDisk, path, 'read')
    const deadlineMs = realTimers.monotonicMs() + probeMs
    while (!file.tryLock()) {
      if (realTimers.monotonicMs() >= deadlineMs)
        return { _tag: 'held', holderPid: findLockHolder(file), ino: file.identity().ino }
      await realTimers.sleep(pauseMs)
    }
    file.unlock()
    return { _tag: 'free' }
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    if (typeof code !== 'string') throw thrown
    return { _tag: 'unknown', code, detail: message }
  } finally {
    file?.close()
  }
}

/** The native code for file locks: the name of its package, or the reason why none can be loaded. */
export type NativeLock = { readonly package: string } | { readonly problem: string }

/** Loads the native code for file locks, if that has not happened yet. */
export const findNativeLock = async (): Promise<NativeLock> => {
  try {
    const { flockSync, loadedPackage = 'fs-ext' } = await import('fs-ext')
    return typeof flockSync === 'function' ? { package: loadedPackage } : { problem: 'it has no flock' }
  } catch (thrown) {
    // Further lines of Node's message list the modules that required it.
    return { problem: String(thrown instanceof Error ? thrown.message : thrown).split('\n')[0] ?? '' }
  }
}
