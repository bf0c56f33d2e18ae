import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Event, State } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { findOwnFile, realDisk, realTimers, tryLockFile } from '@claimlog/event-log-file'
import { derivedFiles, checkDerivedFolder, queueFileOnDisk } from './disk.ts'
import { lockTimeoutMs, type RefreshPermissions, refresh, type RefreshOutcome } from './refresh.ts'

/** The process that updates the `queue.json` in `dir`: `node program dir`, which calls {@link keepRefreshing}. */
export type RefresherOptions = {
  readonly dir: string
  readonly program: string
  /** Its environment; default: that of this process. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * A refresher counts as running for this long after its start, even if it does not have its lock yet. Shorter than its
 * minimum lifetime, so that one that has ended never replaces one that is required.
 */
const startingMsMax = 3000

/**
 * Starts the process that updates the `queue.json` in `dir`, unless one is running. It outlives this process and its
 * terminal, inherits no open files, and is not waited for. If it cannot be started the file stays stale until a command
 * can.
 */
export const startRefresher = async ({ dir, program, env }: RefresherOptions): Promise<void> => {
  if (!recordStart(dir)) return
  // Loading it takes 3 ms.
  const { spawn } = await import('node:child_process')
  spawn(process.execPath, [program, dir], { cwd: '/', detached: true, stdio: 'ignore', windowsHide: true, env })
    .on('error', () => undefined)
    .unref()
}

/**
 * Records a start if no refresher is running. The lock of the file shows that one is running, and its mtime when the
 * last one was started: checked under the lock, because several commands may want one at once. A file just created for
 * the lock is empty, and its mtime does not mark a start.
 */
const recordStart = (dir: string): boolean => {
  try {
    if (checkDerivedFolder(dir) !== undefined) return false
    const { path } = findOwnFile(realDisk, join(dir, derivedFiles.refresher))
    if (isStarting(path)) return false
    const release = tryLockFile(path)
    if (release === undefined) return false
    try {
      if (isStarting(path)) return false
      writeFileSync(path, '\n')
    } finally {
      release()
    }
    return true
  } catch {
    return false
  }
}

const isStarting = (path: string): boolean => {
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined || file.size === 0) return false
  // The mtime is finer than this clock, so the mtime of a start in the same millisecond can be in the future.
  return Math.abs(Date.now() - file.mtimeMs) < startingMsMax
}

/** Longer than {@link recordStart} has the lock, on a busy machine. */
const retryMs = 250

/**
 * The refresher's lock; undefined: another refresher has it. A command has it for an instant, to check if one is
 * required.
 */
const lockUnlessRunning = async (path: string): Promise<(() => void) | undefined> => {
  const release = tryLockFile(path)
  if (release !== undefined) return release
  await realTimers.sleep(retryMs)
  return tryLockFile(path)
}

/** The input of the process that updates the file. */
export type RefresherWork = {
  readonly dir: string
  readonly log: EventLog<Event>
  /** Reads new events and returns the state, reloaded if the checkpoint under it is damaged; undefined: that failed. */
  readonly read: () => Promise<State | undefined>
}

/** The longest time that the file may be stale: the interval between the ends of two writes. */
const lagMsMax = 5000

/**
 * Updates the `queue.json` in `dir`, up to 64 MiB, while the log grows; at most one process does so. Returns once the
 * file is up to date. If it cannot be written, or was edited, the next command handles it: there is no user here to
 * notify.
 */
export const keepRefreshing = async ({ dir, log, read }: RefresherWork): Promise<void> => {
  const queueFile = { dir, file: queueFileOnDisk(dir), log }
  const permissions: RefreshPermissions = {
    lockTimeoutMs,
    sizeMax: 'large',
    writes: true,
    keepsEdits: false,
    notify: () => undefined,
  }
  let state: State | undefined
  let writtenSeq = 0
  let isTooLarge = false

  const hasNewEvents = async (): Promise<boolean> => {
    const now = await read()
    if (now === undefined) return false
    state = now
    return now.seq > writtenSeq
  }

  /**
   * Writes the file, and again if the checkpoint under the state turns out to be damaged: reading reloads the state.
   */
  const refreshWithRetry = async (current: () => State): Promise<RefreshOutcome> => {
    try {
      return await refresh(queueFile, permissions, { current })
    } catch (thrown) {
      if (!isCheckpointDamage(thrown)) throw thrown
      await hasNewEvents()
      return refreshWithRetry(current)
    }
  }

  const write = async (): Promise<boolean> => {
    if (state === undefined) return false
    const current = state
    const outcome = await refreshWithRetry(() => state ?? current)
    // From now on it is written on request only, and no command relies on this process.
    isTooLarge = outcome === 'too large'
    if (outcome !== 'fresh') return false
    writtenSeq = state.seq
    return true
  }

  /** While it has the lock, writes all changes; false if that failed. */
  const writeWhileNew = async (): Promise<boolean> => {
    while (await hasNewEvents()) {
      const startedAtMs = realTimers.monotonicMs()
      const written = await write()
      if (isTooLarge) return false
      const writeMs = realTimers.monotonicMs() - startedAtMs
      // The next write must end `lagMsMax` after the first change that it adds; at most half of the time is spent writing.
      await realTimers.sleep(Math.max(writeMs, lagMsMax - 2 * writeMs))
      if (!written) return false
    }
    return true
  }

  // A process that changes something, or moves an edit away, relies on this process while it has the lock, and starts
  // another one otherwise: so the log is checked again after the release.
  for (let hasMore = checkDerivedFolder(dir) === undefined; hasMore;) {
    const release = await lockUnlessRunning(join(dir, derivedFiles.refresher))
    if (release === undefined) return
    let isCaughtUp: boolean
    try {
      isCaughtUp = await writeWhileNew()
    } finally {
      release()
    }
    hasMore = !isTooLarge && (await hasNewEvents()) && (isCaughtUp || (await write()))
  }
}
