import { readFileSync } from 'node:fs'
import type { Disk } from './disk.ts'
import { nextTurn, sleep } from './pause.ts'

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
  if (disk.tryLock(fd())) return true
  const deadline = monotonicMs() + timeoutMs
  for (let tries = 1; ; tries += 1) {
    const left = deadline - monotonicMs()
    if (left <= 0) return false
    if (tries <= eagerTries) await nextTurn()
    else await sleep(Math.min(left, pauseMs(tries - eagerTries)))
    if (disk.tryLock(fd())) return true
  }
}

/** Milliseconds on a clock that nobody can set. Not `performance`, which takes 3 ms to load. */
export const monotonicMs = (): number => process.uptime() * 1000

const pauseMs = (pauses: number): number => {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (pauses >> 3))
  return firstPauseMs + Math.random() * (longest - firstPauseMs)
}

/** One line of Linux's list of locks: `1: FLOCK  ADVISORY  WRITE 708 fe:00:1234 0 EOF`. Waiters have an arrow instead. */
const heldLock = /^\d+: FLOCK +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm

/** The process that holds an exclusive `flock` on a file, where the system lists its locks (Linux). */
export const lockHolder = (file: { readonly ino: number }): number | undefined => {
  try {
    for (const [, pid, ino] of readFileSync('/proc/locks', 'utf8').matchAll(heldLock))
      if (Number(ino) === file.ino) return Number(pid)
  } catch {
    // Not Linux, or not to be read here: then nobody is named.
  }
  return undefined
}
