import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import type { OpenFile } from './open-file.ts'
import type { Timers } from './timers.ts'

/**
 * The lock is held for microseconds as a rule, so who finds it taken asks again soon: often enough that the others do not
 * get far, and seldom enough that each of them gets to do several commands in a row.
 */
const nappingForMs = 50
const shortestNapMs = 0.05
const longestNapMs = 0.25
const firstPauseMs = 1
/** Who waits for longer is kept out by somebody who stands still, or is many: to ask often costs too much then. */
const longestPauseMs = 32

/**
 * How somebody waits: `isAside`, that others are let have the lock before it is asked for at all; `meanwhile`, what runs
 * before each further try, without the lock: what can be read then need not be read while others wait.
 */
export type Waiting = {
  readonly isAside: boolean
  readonly meanwhile: () => void
  /** Whether nobody wants it any more. */
  readonly isGivenUp: () => boolean
}

const patient: Waiting = { isAside: false, meanwhile: () => undefined, isGivenUp: () => false }

/** Why a body did not run: the lock stayed with somebody else until the deadline or until it was given up, or the system refused to say. */
export type NotLocked =
  | { readonly tag: 'Waited'; readonly waitedMs: number; readonly isGivenUp: boolean }
  | { readonly tag: 'Threw'; readonly thrown: unknown }

/**
 * Runs `body` under the exclusive lock of the file that is open at the time, and gives up after `timeoutMs`.
 *
 * `body` is synchronous and runs in the very turn in which the lock was taken: a lock belongs to the open file, so a
 * second holder in this process would not be kept out, and the first unlock would end both.
 *
 * Never blocks in the system: `flock` would occupy one of the four threads that all file access of the process shares,
 * and could not be given up. Waits in small steps, growing, each drawn anew so that waiters do not march in step.
 */
export const whileLocked = async <B>(
  timers: Timers,
  file: () => OpenFile,
  timeoutMs: number,
  body: () => B,
  { isAside, meanwhile, isGivenUp }: Waiting = patient,
): Promise<E.Either<NotLocked, B>> => {
  const startedAt = timers.monotonicMs()
  if (!isAside) {
    const first = tryLocked(file, body)
    if (first !== undefined) return first
    // Who has it is nearly done with it by the time that the newest lines were read, and a nap is longer than that.
    meanwhile()
    const second = tryLocked(file, body)
    if (second !== undefined) return second
  }
  for (let pauses = 0; ;) {
    const waitedMs = timers.monotonicMs() - startedAt
    const leftMs = timeoutMs - waitedMs
    const wasGivenUp = isGivenUp()
    if (leftMs <= 0 || wasGivenUp)
      return E.left({ tag: 'Waited', waitedMs: Math.round(waitedMs), isGivenUp: wasGivenUp })
    if (waitedMs < nappingForMs) await timers.nap(between(shortestNapMs, longestNapMs, timers))
    else await timers.sleep(Math.min(leftMs, pauseMs((pauses += 1), timers)))
    meanwhile()
    const ran = tryLocked(file, body)
    if (ran !== undefined) return ran
  }
}

/** Runs `body` if nobody else has the lock; undefined: somebody has. */
export const tryLocked = <B>(file: () => OpenFile, body: () => B): E.Either<NotLocked, B> | undefined => {
  // The body may have the log opened anew, and the lock is that of the file that is open now.
  const locked = file()
  try {
    if (!locked.tryLock()) return undefined
  } catch (thrown) {
    return E.left({ tag: 'Threw', thrown })
  }
  try {
    return E.right(body())
  } finally {
    locked.unlock()
  }
}

const pauseMs = (pauses: number, timers: Timers): number =>
  between(firstPauseMs, Math.min(longestPauseMs, firstPauseMs * 2 ** (pauses >> 3)), timers)

const between = (least: number, most: number, { random }: Timers): number => least + random() * (most - least)

/** One line of Linux's list of locks: `1: FLOCK  ADVISORY  WRITE 708 fe:00:1234 0 EOF`. Waiters have an arrow instead. */
const heldLock = /^\d+: FLOCK +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm

/** The process that holds an exclusive `flock` on an open file, where the system lists its locks (Linux). */
export const lockHolder = (file: OpenFile): number | undefined => {
  try {
    const { ino } = file.identity()
    for (const [, pid, locked] of readFileSync('/proc/locks', 'utf8').matchAll(heldLock))
      if (Number(locked) === ino) return Number(pid)
  } catch {
    // Not Linux, or not to be read here: then nobody is named.
  }
  return undefined
}
