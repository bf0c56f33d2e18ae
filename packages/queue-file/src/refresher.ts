import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Event, State } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { ownFile, realDisk, realTimers, tryLockFile } from '@claimlog/event-log-file'
import { derivedFiles, derivedFolderProblem, queueFileOnDisk } from './disk.ts'
import { lockTimeoutMs, refresh, type Refreshed } from './state-machine.ts'

/** What brings the `queue.json` in `dir` up to date: `node program dir`, which calls {@link keepRefreshing}. */
export type RefresherOptions = {
  readonly dir: string
  readonly program: string
  /** The environment it is given; none: that of this process. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * How long one that was started counts as there, also where it does not have its lock yet. Less than it lives at least,
 * so that none that has ended stands in for one that is needed.
 */
const startingMs = 3000

/**
 * Starts the process that brings the `queue.json` in `dir` up to date, unless one is there. It outlives this one and its
 * terminal, holds nothing open of them, and takes no time that others want. Where it cannot be started the file stays
 * behind, until a command that can.
 */
export const startRefresher = async ({ dir, program, env }: RefresherOptions): Promise<void> => {
  if (!claimStart(dir)) return
  // Takes 3 ms to load.
  const { spawn } = await import('node:child_process')
  spawn(process.execPath, [program, dir], { cwd: '/', detached: true, stdio: 'ignore', windowsHide: true, env })
    .on('error', () => undefined)
    .unref()
}

/**
 * Takes note of a start if nobody is at it. The file's lock says that one is at work, and its time when one was started
 * last: looked at under the lock, since several commands may want one at once. A file that was just made for the lock
 * holds nothing yet, and its time says nothing of a start.
 */
const claimStart = (dir: string): boolean => {
  try {
    if (derivedFolderProblem(dir) !== undefined) return false
    const { path } = ownFile(realDisk, join(dir, derivedFiles.refresher))
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
  // The file's time is finer than this clock, so that of a start in the same millisecond is still to come.
  return Math.abs(Date.now() - file.mtimeMs) < startingMs
}

/** Longer than {@link claimStart} has the lock, on a machine with other things to do. */
const retryMs = 250

/** The refresher's lock; undefined: another refresher has it. A command has it for an instant, to see if one is needed. */
const lockUnlessAtWork = async (path: string): Promise<(() => void) | undefined> => {
  const release = tryLockFile(path)
  if (release !== undefined) return release
  await realTimers.sleep(retryMs)
  return tryLockFile(path)
}

/** What the process that brings the file up to date works on. */
export type RefresherWork = {
  readonly dir: string
  readonly log: EventLog<Event>
  /** Reads the log on, and answers with the state, read anew if the checkpoint under it is damaged; undefined: it cannot. */
  readonly read: () => Promise<State | undefined>
}

/** How far the file may be behind: so far apart are the ends of two writes. */
const lagMs = 5000

/**
 * Brings the `queue.json` in `dir` up to date, up to 64 MiB, and again as long as the log goes on; there is one process at
 * most that does. Ends where the file is up to date. Where it cannot be, or was edited, the next command sees to it: nobody
 * is here to be told.
 */
export const keepRefreshing = async ({ dir, log, read }: RefresherWork): Promise<void> => {
  const queueFile = { dir, file: queueFileOnDisk(dir), log }
  const powers = {
    lockTimeoutMs,
    maxSize: 'large',
    writes: true,
    keepsEdits: false,
    notify: () => undefined,
  } as const
  let state: State | undefined
  let writtenSeq = 0
  let isTooLarge = false

  const hasGoneOn = async (): Promise<boolean> => {
    const now = await read()
    if (now === undefined) return false
    state = now
    return now.seq > writtenSeq
  }

  /** Writes it, and again where the checkpoint under the state turns out to be damaged: asking for the state has it read anew. */
  const refreshSoundly = async (current: () => State): Promise<Refreshed> => {
    try {
      return await refresh(queueFile, powers, { current })
    } catch (thrown) {
      if (!isCheckpointDamage(thrown)) throw thrown
      await hasGoneOn()
      return refreshSoundly(current)
    }
  }

  const write = async (): Promise<boolean> => {
    if (state === undefined) return false
    const current = state
    const how = await refreshSoundly(() => state ?? current)
    // It is written on request from now on, and nobody counts on this process.
    isTooLarge = how === 'too large'
    if (how !== 'fresh') return false
    writtenSeq = state.seq
    return true
  }

  /** While it has the lock, writes what there is to write; false where that could not be done. */
  const keepUp = async (): Promise<boolean> => {
    while (await hasGoneOn()) {
      const startedAtMs = realTimers.monotonicMs()
      const written = await write()
      if (isTooLarge) return false
      const tookMs = realTimers.monotonicMs() - startedAtMs
      // What is written next must be there `lagMs` after what it has missed; at most half of the time is spent on it.
      await realTimers.sleep(Math.max(tookMs, lagMs - 2 * tookMs))
      if (!written) return false
    }
    return true
  }

  // Whoever changes something, or puts an edit aside, counts on this process while it has the lock, and starts another
  // once it does not: so it looks once more then.
  for (let missedSome = derivedFolderProblem(dir) === undefined; missedSome;) {
    const release = await lockUnlessAtWork(join(dir, derivedFiles.refresher))
    if (release === undefined) return
    let keptUp: boolean
    try {
      keptUp = await keepUp()
    } finally {
      release()
    }
    missedSome = !isTooLarge && (await hasGoneOn()) && (keptUp || (await write()))
  }
}
