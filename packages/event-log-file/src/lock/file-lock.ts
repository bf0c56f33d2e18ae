import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, LockHolder, LockTimeout } from '@claimlog/event-log'
import { ownFile, realDisk, realTimers, type Timers } from '../disk/disk.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { OpenFile } from '../disk/log-file.ts'
import { holdersSeen, lockHolder } from './lock-holders.ts'

/**
 * The lock is usually held for microseconds, so a process that finds it taken retries soon: often enough that the
 * others do not get far, and rarely enough that each of them can run several commands in a row.
 */
const nappingForMs = 50
const shortestNapMs = 0.05
const longestNapMs = 0.25
const firstPauseMs = 1
/**
 * A longer wait means that one process is stuck with the lock or that many compete: frequent retries cost too much
 * then.
 */
const longestPauseMs = 32

/** The interval at which a waiting process checks which process has the lock. */
const betweenLooksMs = 250
/**
 * The deadline is for a lock that stays with one process: while others make progress it is extended, up to this many
 * times its length. With 200 processes that start on one core, the last gets the lock after the deadline, and none is
 * stuck.
 */
const mostDeadlines = 6

/** Options of a wait for the lock. */
export type Waiting = {
  /** Let others have the lock first, before the first attempt. */
  readonly isAside: boolean
  /**
   * Runs before each retry, without the lock, so that what can be read now need not be read while others wait. Returns
   * a value that changes while others make progress.
   */
  readonly meanwhile: () => unknown
  /** True if no caller wants the result any more. */
  readonly isGivenUp: () => boolean
}

const patient: Waiting = { isAside: false, meanwhile: () => undefined, isGivenUp: () => false }

/**
 * The reason why a body did not run: another process kept the lock until the deadline or until the wait was abandoned,
 * or a system call failed.
 */
export type NotLocked = Waited | Threw

type Waited = {
  readonly _tag: 'Waited'
  readonly waitedMs: number
  readonly isGivenUp: boolean
  readonly holders: ReadonlyArray<LockHolder>
  readonly changedHands: boolean
}

type Threw = { readonly _tag: 'Threw'; readonly thrown: unknown }

/** The result of one attempt to run a body under a lock: it ran; another process has the lock; a system call failed. */
type Tried<B> = { readonly _tag: 'Ran'; readonly value: B } | Taken | Threw

type Taken = { readonly _tag: 'Busy' }
const taken: Taken = { _tag: 'Busy' }

/**
 * Runs `body` under the exclusive lock of the file that is open at the time, and gives up after `timeoutMs`, or later
 * if others make progress meanwhile.
 *
 * `body` is synchronous and runs in the same turn of the event loop in which the lock was taken: a lock belongs to the
 * open file, so a second holder in this process would not be excluded, and the first unlock would end both.
 *
 * Never blocks in the system: `flock` would occupy one of the four threads that all file access of the process shares,
 * and could not be abandoned. Waits in small, growing, random steps, so that waiters do not retry in lockstep.
 */
export const whileLocked =
  <B>(
    timers: Timers,
    file: () => OpenFile,
    timeoutMs: number,
    body: () => B,
    { isAside, meanwhile, isGivenUp }: Waiting = patient,
  ): TE.TaskEither<NotLocked, B> =>
  async () => {
    const startedAt = timers.monotonicMs()
    let seen: unknown
    if (!isAside) {
      const first = tryLocked(file, body)
      if (first._tag !== 'Busy') return settled(first)
      // The holder is usually done by the time the newest lines are read, and a nap takes longer than that.
      seen = meanwhile()
      const second = tryLocked(file, body)
      if (second._tag !== 'Busy') return settled(second)
    }
    const holders = holdersSeen()
    let movedAt = startedAt
    let lookedAt = startedAt
    for (let pauses = 0; ;) {
      const now = timers.monotonicMs()
      const waitedMs = now - startedAt
      const leftMs = Math.min(movedAt + timeoutMs, startedAt + timeoutMs * mostDeadlines) - now
      const wasGivenUp = isGivenUp()
      if (leftMs <= 0 || now - lookedAt >= betweenLooksMs) {
        holders.note(file())
        lookedAt = now
      }
      if (leftMs <= 0 || wasGivenUp) {
        const changedHands = movedAt > startedAt || holders.all().length > 1
        return E.left({
          _tag: 'Waited',
          waitedMs: Math.round(waitedMs),
          isGivenUp: wasGivenUp,
          holders: holders.all(),
          changedHands,
        })
      }
      if (waitedMs < nappingForMs) await timers.nap(between(shortestNapMs, longestNapMs, timers))
      else await timers.sleep(Math.min(leftMs, pauseMs((pauses += 1), timers)))
      const seenNow = meanwhile()
      if (seen !== undefined && seenNow !== seen) movedAt = timers.monotonicMs()
      seen = seenNow
      const last = tryLocked(file, body)
      if (last._tag !== 'Busy') return settled(last)
    }
  }

/** The failure of a lock attempt on `file`, which is at `path`. */
export const lockFailure = (path: string, file: OpenFile, why: NotLocked): IoFailed | LockTimeout => {
  if (why._tag === 'Threw') return ioFailed(path, 'lock', why.thrown)
  const { waitedMs, holders, changedHands } = why
  return { failure: 'LockTimeout', path, waitedMs, holderPid: lockHolder(file), holders, changedHands }
}

/**
 * The number of times a file may be replaced while its lock is taken: after more, it is unclear which file is the log.
 */
export const movesMax = 16

/** The file at `path` was replaced more than {@link movesMax} times in a row while its lock was taken. */
export const replacedTooOften = (path: string): IoFailed => ({
  failure: 'IoFailed',
  path,
  operation: 'lock',
  code: 'EAGAIN',
  detail: `it was replaced ${movesMax} times while its lock was taken`,
})

const settled = <B>(tried: Exclude<Tried<B>, Taken>): E.Either<NotLocked, B> =>
  tried._tag === 'Ran' ? E.right(tried.value) : E.left(tried)

/** Runs `body` if no other process has the lock. */
export const tryLocked = <B>(file: () => OpenFile, body: () => B): Tried<B> => {
  // The body may open another file as the log; the lock is that of the file that is open now.
  const locked = file()
  try {
    if (!locked.tryLock()) return taken
  } catch (thrown) {
    return { _tag: 'Threw', thrown }
  }
  try {
    return { _tag: 'Ran', value: body() }
  } finally {
    locked.unlock()
  }
}

const pauseMs = (pauses: number, timers: Timers): number =>
  between(firstPauseMs, Math.min(longestPauseMs, firstPauseMs * 2 ** (pauses >> 3)), timers)

const between = (least: number, most: number, { random }: Timers): number => least + random() * (most - least)

/**
 * Runs `body`, which must be synchronous, while no other process runs one under the same lock file. Creates the file if
 * it is missing. It is empty, and deleting it while no body runs is harmless. If something else has its name, the next
 * name is used: see {@link ownFile}.
 */
export const withLockFile =
  <B>(path: string, timeoutMs: number, body: () => B): TE.TaskEither<IoFailed | LockTimeout, B> =>
  async () => {
    for (let moves = 0; moves <= movesMax; moves += 1) {
      const ran = await runLocked(path, timeoutMs, body)
      if (ran !== 'replaced') return ran
    }
    return E.left(replacedTooOften(path))
  }

/**
 * Runs `body` under the lock of the file that has the name now. `replaced`: it was replaced before its lock was taken.
 */
const runLocked = async <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
): Promise<E.Either<IoFailed | LockTimeout, B> | 'replaced'> => {
  let file: OpenFile
  try {
    file = openLockFile(path)
  } catch (thrown) {
    return E.left(ioFailed(path, 'open', thrown))
  }
  try {
    const bodyIfCurrent = () => runInPlace(path, file, body)
    const ran = await whileLocked(realTimers, () => file, timeoutMs, bodyIfCurrent)()
    return E.isRight(ran) ? ran.right : E.left(lockFailure(path, file, ran.left))
  } finally {
    file.close()
  }
}

const runInPlace = <B>(path: string, file: OpenFile, body: () => B): E.Either<IoFailed, B> | 'replaced' => {
  try {
    if (!isInPlace(path, file)) return 'replaced'
  } catch (thrown) {
    return E.left(ioFailed(path, 'stat', thrown))
  }
  return E.right(body())
}

const openLockFile = (path: string): OpenFile =>
  OpenFile.open(realDisk, ownFile(realDisk, path).path, 'append or create')

/** True if an open lock file still has its name: one that was deleted before its lock was taken excludes no one. */
const isInPlace = (path: string, file: OpenFile): boolean => {
  const named = realDisk.stat(ownFile(realDisk, path).path)
  const { dev, ino } = file.identity()
  return named?.ino === ino && named.dev === dev
}

/**
 * Takes the lock of a file, created if it is missing, for any length of time, and returns a function that releases it.
 * undefined: another process has it. Throws what the disk throws.
 */
export const tryLockFile = (path: string): (() => void) | undefined => {
  for (let moves = 0; moves <= movesMax; moves += 1) {
    const file = openLockFile(path)
    try {
      const isLocked = file.tryLock()
      if (isLocked && isInPlace(path, file)) return () => file.close()
      file.close()
      if (!isLocked) return undefined
    } catch (thrown) {
      file.close()
      throw thrown
    }
  }
  const { code, detail } = replacedTooOften(path)
  throw Object.assign(new Error(`${code}: ${detail}`), { code })
}

/**
 * Lock fairness: decides when a process that takes the lock repeatedly yields it to others.
 *
 * ```
 *   burst: command command command … ──burstMs──► nap ──► wait for the lock like the others ──► burst
 * ```
 *
 * A process that runs commands back to back holds the lock nearly all of the time, so others that try now and then
 * hardly ever find it free. Alternating with every command is no better: each process would then read one line of
 * another at a time, and wait for it. So commands run in bursts, and after a burst the process leaves the lock alone
 * for a short time.
 */
export type HandOver = {
  /** True if the lock should be left to others for a short time before it is taken again. */
  readonly isDue: () => boolean
  /** Notes that others have written, or have the lock. */
  readonly metOthers: () => void
  /** Starts a new burst, after the lock was left to others. */
  readonly begin: () => void
}

/** Short, because all the others wait for it: eight processes take a round in a few milliseconds. */
const burstMs = 1
/** Other processes that were not seen for this long are gone, and the lock need not be yielded. */
const rememberedMs = 100

export const handOverOf = (monotonicMs: () => number): HandOver => {
  let metAt = Number.NEGATIVE_INFINITY
  let begunAt = 0
  return {
    isDue: () => {
      if (metAt === Number.NEGATIVE_INFINITY) return false
      const now = monotonicMs()
      if (now - metAt > rememberedMs) metAt = Number.NEGATIVE_INFINITY
      return metAt !== Number.NEGATIVE_INFINITY && now - begunAt > burstMs
    },
    metOthers: () => {
      metAt = monotonicMs()
    },
    begin: () => {
      begunAt = monotonicMs()
    },
  }
}
