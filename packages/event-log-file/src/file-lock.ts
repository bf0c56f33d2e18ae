import fs from 'node:fs'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Disk } from './disk.ts'

/** How many times a taken lock is asked for again at once: it is held for microseconds as a rule. */
const eagerTries = 4
const firstPauseMs = 1
const longestPauseMs = 8

/**
 * Waits for the exclusive lock of the open file that `fd` names at the time; false: somebody else still had it after `timeoutMs`.
 *
 * Never blocks in the system: `flock` would occupy one of the four threads that all file access of the process shares,
 * and could not be given up. Waits in small steps, growing, each drawn anew so that waiters do not march in step.
 */
export const waitForLock = async (disk: Disk, fd: () => number, timeoutMs: number): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs
  for (let tries = 1; ; tries += 1) {
    if (disk.tryLock(fd())) return true
    const left = deadline - performance.now()
    if (left <= 0) return false
    if (tries <= eagerTries) await nextTurn()
    else await sleep(Math.min(left, pauseMs(tries - eagerTries)))
  }
}

const pauseMs = (pauses: number): number => {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (pauses >> 3))
  return firstPauseMs + Math.random() * (longest - firstPauseMs)
}

/** One line of Linux's list of locks: `1: FLOCK  ADVISORY  WRITE 708 fe:00:1234 0 EOF`. Waiters have an arrow instead. */
const heldLock = /^\d+: FLOCK +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm

/** The process that holds an exclusive `flock` on a file, where the system lists its locks (Linux). */
export const lockHolder = (file: { readonly ino: number }): number | undefined => {
  try {
    for (const [, pid, ino] of fs.readFileSync('/proc/locks', 'utf8').matchAll(heldLock))
      if (Number(ino) === file.ino) return Number(pid)
  } catch {
    // Not Linux, or not to be read here: then nobody is named.
  }
  return undefined
}
