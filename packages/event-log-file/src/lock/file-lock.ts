import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, LockHolder, LockTimeout } from '@claimlog/event-log'
import { ownFile, realDisk, realTimers, type Timers } from '../disk/disk.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { OpenFile } from '../disk/log-file.ts'
import { holdersSeen, lockHolder } from './lock-holders.ts'

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

/** How often one looks who has the lock. */
const betweenLooksMs = 250
/**
 * The deadline is for a lock that stays with somebody: while others get on, it is put off, up to so many times its length.
 * With 200 processes that start on one core, the last has its turn later than the deadline, and nobody stands still.
 */
const mostDeadlines = 6

/** How somebody waits. */
export type Waiting = {
  /** Others are let have the lock before it is asked for at all. */
  readonly isAside: boolean
  /**
   * Runs before each further try, without the lock: what can be read then need not be read while others wait. Answers
   * something that changes while others get on.
   */
  readonly meanwhile: () => unknown
  /** Whether nobody wants it any more. */
  readonly isGivenUp: () => boolean
}

const patient: Waiting = { isAside: false, meanwhile: () => undefined, isGivenUp: () => false }

/** Why a body did not run: the lock stayed with somebody else until the deadline or until it was given up, or the system refused to say. */
export type NotLocked =
  | {
      readonly _tag: 'Waited'
      readonly waitedMs: number
      readonly isGivenUp: boolean
      readonly holders: ReadonlyArray<LockHolder>
      readonly changedHands: boolean
    }
  | Threw

type Threw = { readonly _tag: 'Threw'; readonly thrown: unknown }

/** What a try to run a body under a lock came to: it ran; somebody else has the lock; the system refused to say. */
type Tried<B> = { readonly _tag: 'Ran'; readonly value: B } | Taken | Threw

type Taken = { readonly _tag: 'Taken' }
const taken: Taken = { _tag: 'Taken' }

/**
 * Runs `body` under the exclusive lock of the file that is open at the time, and gives up after `timeoutMs`, or later if
 * others get on meanwhile.
 *
 * `body` is synchronous and runs in the very turn in which the lock was taken: a lock belongs to the open file, so a
 * second holder in this process would not be kept out, and the first unlock would end both.
 *
 * Never blocks in the system: `flock` would occupy one of the four threads that all file access of the process shares,
 * and could not be given up. Waits in small steps, growing, each drawn anew so that waiters do not march in step.
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
      if (first._tag !== 'Taken') return settled(first)
      // Who has it is nearly done with it by the time that the newest lines were read, and a nap is longer than that.
      seen = meanwhile()
      const second = tryLocked(file, body)
      if (second._tag !== 'Taken') return settled(second)
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
        const how = { isGivenUp: wasGivenUp, holders: holders.all(), changedHands }
        return E.left({ _tag: 'Waited', waitedMs: Math.round(waitedMs), ...how })
      }
      if (waitedMs < nappingForMs) await timers.nap(between(shortestNapMs, longestNapMs, timers))
      else await timers.sleep(Math.min(leftMs, pauseMs((pauses += 1), timers)))
      const seenNow = meanwhile()
      if (seen !== undefined && seenNow !== seen) movedAt = timers.monotonicMs()
      seen = seenNow
      const last = tryLocked(file, body)
      if (last._tag !== 'Taken') return settled(last)
    }
  }

/** Why the lock of `file`, which is at `path`, was not had. */
export const lockFailure = (path: string, file: OpenFile, why: NotLocked): IoFailed | LockTimeout => {
  if (why._tag === 'Threw') return ioFailed(path, 'lock', why.thrown)
  const { waitedMs, holders, changedHands } = why
  return { failure: 'LockTimeout', path, waitedMs, holderPid: lockHolder(file), holders, changedHands }
}

/** How often a file may be replaced while its lock is taken: more often, and there is no telling which is the log. */
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

/** Runs `body` if nobody else has the lock. */
export const tryLocked = <B>(file: () => OpenFile, body: () => B): Tried<B> => {
  // The body may have the log opened anew, and the lock is that of the file that is open now.
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
 * Runs `body`, which must be synchronous, while no other process runs one under the same lock file. The file is made
 * where it is missing and holds nothing; deleting it while no body runs is harmless. Where something else has its name, it
 * has the next one: see {@link ownFile}.
 */
export const withLockFile =
  <B>(path: string, timeoutMs: number, body: () => B): TE.TaskEither<IoFailed | LockTimeout, B> =>
  async () => {
    for (let moves = 0; moves <= movesMax; moves += 1) {
      const ran = await runLocked(path, timeoutMs, body)
      if (ran !== 'moved') return ran
    }
    return E.left(replacedTooOften(path))
  }

/** Runs `body` under the lock of the file that has the name now. `moved`: it lost the name before its lock was taken. */
const runLocked = async <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
): Promise<E.Either<IoFailed | LockTimeout, B> | 'moved'> => {
  let file: OpenFile
  try {
    file = openLockFile(path)
  } catch (thrown) {
    return E.left(ioFailed(path, 'open', thrown))
  }
  try {
    const ran = await whileLocked(
      realTimers,
      () => file,
      timeoutMs,
      () => runInPlace(path, file, body),
    )()
    return E.isRight(ran) ? ran.right : E.left(lockFailure(path, file, ran.left))
  } finally {
    file.close()
  }
}

const runInPlace = <B>(path: string, file: OpenFile, body: () => B): E.Either<IoFailed, B> | 'moved' => {
  try {
    if (!isInPlace(path, file)) return 'moved'
  } catch (thrown) {
    return E.left(ioFailed(path, 'stat', thrown))
  }
  return E.right(body())
}

const openLockFile = (path: string): OpenFile =>
  OpenFile.open(realDisk, ownFile(realDisk, path).path, 'append or create')

/** Tells if an open lock file still has its name: if it was deleted before its lock was taken, that locks nothing. */
const isInPlace = (path: string, file: OpenFile): boolean => {
  const named = realDisk.stat(ownFile(realDisk, path).path)
  const { dev, ino } = file.identity()
  return named?.ino === ino && named.dev === dev
}

/**
 * Takes the lock of a file, which is made where it is missing, for as long as the process likes, and answers with how to
 * let it go; undefined: somebody else has it. Throws what the disk throws.
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
 * When a process that takes the lock again and again steps aside for the others.
 *
 * ```
 *   burst: command command command … ──burstMs──► nap ──► wait for the lock like everybody ──► burst
 * ```
 *
 * Whoever runs commands back to back holds the lock for nearly all of the time, so that others who ask now and then hardly
 * ever find it free. Changing hands with every command is no better: each would then read one line of another's at a time,
 * and wait for it. So commands come in bursts, and after one of them the process leaves the lock alone for a moment.
 */
export type HandOver = {
  /** Whether the lock is to be left to others for a moment before it is taken again. */
  readonly isDue: () => boolean
  /** Others have written, or have the lock. */
  readonly metOthers: () => void
  /** The lock was left to others: what comes now is a new burst. */
  readonly begin: () => void
}

/** Short, as all the others wait for it: eight processes come round in a few milliseconds. */
const burstMs = 1
/** Others who were not met for so long are gone, and nobody need be stepped aside for. */
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
