import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, LockHolder, LockTimeout } from '@claimlog/event-log'
import { findOwnFile, realDisk, realTimers, type Timers } from '../disk/disk.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import { OpenFile } from '../disk/log-file.ts'
import { holderHistory, findLockHolder } from './lock-holders.ts'

/**
 * The lock is usually held for microseconds, so a process that finds it taken retries soon: often enough that the
 * others do not get far, and rarely enough that each of them can run several commands in a row.
 */
const napPhaseMs = 50
const napMsMin = 0.05
const napMsMax = 0.25
const pauseMsMin = 1
/**
 * A longer wait means that one process is stuck with the lock or that many compete: frequent retries cost too much
 * then.
 */
const pauseMsMax = 32

/** The interval at which a waiting process checks which process has the lock. */
const holderPollMs = 250
/**
 * The deadline is for a lock that stays with one process: while others make progress it is extended, up to this many
 * times its length. With 200 processes that start on one core, the last gets the lock after the deadline, and none is
 * stuck.
 */
const deadlinesMax = 6

/** Options of a wait for the lock. */
export type LockWaitOptions = {
  /** Let others have the lock first, before the first attempt. */
  readonly isYielding: boolean
  /**
   * Runs before each retry, without the lock, so that what can be read now need not be read while others wait. Returns
   * a value that changes while others make progress.
   */
  readonly onWait: () => unknown
  /** True if no caller wants the result any more. */
  readonly isAbandoned: () => boolean
}

const defaultWaitOptions: LockWaitOptions = { isYielding: false, onWait: () => undefined, isAbandoned: () => false }

/**
 * The reason why a body did not run: another process kept the lock until the deadline or until the wait was abandoned,
 * or a system call failed.
 */
export type NotLocked = Waited | LockError

type Waited = {
  readonly _tag: 'Waited'
  readonly waitedMs: number
  readonly isAbandoned: boolean
  readonly holders: ReadonlyArray<LockHolder>
  readonly changedHands: boolean
}

type LockError = { readonly _tag: 'Threw'; readonly thrown: unknown }

/** The result of one attempt to run a body under a lock: it ran; another process has the lock; a system call failed. */
type LockAttempt<B> = { readonly _tag: 'Ran'; readonly value: B } | LockBusy | LockError

type LockBusy = { readonly _tag: 'Busy' }
const lockBusy: LockBusy = { _tag: 'Busy' }

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
export const runUnderLock =
  <B>(
    timers: Timers,
    file: () => OpenFile,
    timeoutMs: number,
    body: () => B,
    { isYielding, onWait, isAbandoned }: LockWaitOptions = defaultWaitOptions,
  ): TE.TaskEither<NotLocked, B> =>
  async () => {
    const startedAtMs = timers.monotonicMs()
    let progress: unknown
    if (!isYielding) {
      const first = tryRunUnderLock(file, body)
      if (first._tag !== 'Busy') return toResult(first)
      // The holder is usually done by the time the newest lines are read, and a nap takes longer than that.
      progress = onWait()
      const second = tryRunUnderLock(file, body)
      if (second._tag !== 'Busy') return toResult(second)
    }
    const holders = holderHistory()
    let progressAtMs = startedAtMs
    let polledAtMs = startedAtMs
    for (let pauses = 0; ;) {
      const now = timers.monotonicMs()
      const waitedMs = now - startedAtMs
      const remainingMs = Math.min(progressAtMs + timeoutMs, startedAtMs + timeoutMs * deadlinesMax) - now
      const wasAbandoned = isAbandoned()
      if (remainingMs <= 0 || now - polledAtMs >= holderPollMs) {
        holders.record(file())
        polledAtMs = now
      }
      if (remainingMs <= 0 || wasAbandoned) {
        const changedHands = progressAtMs > startedAtMs || holders.list().length > 1
        return E.left({
          _tag: 'Waited',
          waitedMs: Math.round(waitedMs),
          isAbandoned: wasAbandoned,
          holders: holders.list(),
          changedHands,
        })
      }
      if (waitedMs < napPhaseMs) await timers.sleepBlocking(pickRandom(napMsMin, napMsMax, timers))
      else await timers.sleep(Math.min(remainingMs, drawPauseMs((pauses += 1), timers)))
      const newProgress = onWait()
      if (progress !== undefined && newProgress !== progress) progressAtMs = timers.monotonicMs()
      progress = newProgress
      const last = tryRunUnderLock(file, body)
      if (last._tag !== 'Busy') return toResult(last)
    }
  }

/** The failure of a lock attempt on `file`, which is at `path`. */
export const lockFailure = (path: string, file: OpenFile, reason: NotLocked): IoFailed | LockTimeout => {
  if (reason._tag === 'Threw') return toIoFailed(path, 'lock', reason.thrown)
  const { waitedMs, holders, changedHands } = reason
  return { failure: 'LockTimeout', path, waitedMs, holderPid: findLockHolder(file), holders, changedHands }
}

/**
 * The number of times a file may be replaced while its lock is taken: after more, it is unclear which file is the log.
 */
export const replacementsMax = 16

/** The file at `path` was replaced more than {@link replacementsMax} times in a row while its lock was taken. */
export const replacedTooOften = (path: string): IoFailed => ({
  failure: 'IoFailed',
  path,
  operation: 'lock',
  code: 'EAGAIN',
  detail: `it was replaced ${replacementsMax} times while its lock was taken`,
})

const toResult = <B>(attempt: Exclude<LockAttempt<B>, LockBusy>): E.Either<NotLocked, B> =>
  attempt._tag === 'Ran' ? E.right(attempt.value) : E.left(attempt)

/** Runs `body` if no other process has the lock. */
export const tryRunUnderLock = <B>(file: () => OpenFile, body: () => B): LockAttempt<B> => {
  // The body may open another file as the log; the lock is that of the file that is open now.
  const locked = file()
  try {
    if (!locked.tryLock()) return lockBusy
  } catch (thrown) {
    return { _tag: 'Threw', thrown }
  }
  try {
    return { _tag: 'Ran', value: body() }
  } finally {
    locked.unlock()
  }
}

const drawPauseMs = (pauses: number, timers: Timers): number =>
  pickRandom(pauseMsMin, Math.min(pauseMsMax, pauseMsMin * 2 ** (pauses >> 3)), timers)

const pickRandom = (min: number, max: number, { random }: Timers): number => min + random() * (max - min)

/**
 * Runs `body`, which must be synchronous, while no other process runs one under the same lock file. Creates the file if
 * it is missing. It is empty, and deleting it while no body runs is harmless. If something else has its name, the next
 * name is used: see {@link findOwnFile}.
 */
export const withLockFile =
  <B>(path: string, timeoutMs: number, body: () => B): TE.TaskEither<IoFailed | LockTimeout, B> =>
  async () => {
    for (let replacements = 0; replacements <= replacementsMax; replacements += 1) {
      const runResult = await runUnderLockFile(path, timeoutMs, body)
      if (runResult !== 'replaced') return runResult
    }
    return E.left(replacedTooOften(path))
  }

/**
 * Runs `body` under the lock of the file that has the name now. `replaced`: it was replaced before its lock was taken.
 */
const runUnderLockFile = async <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
): Promise<E.Either<IoFailed | LockTimeout, B> | 'replaced'> => {
  let file: OpenFile
  try {
    file = openLockFile(path)
  } catch (thrown) {
    return E.left(toIoFailed(path, 'open', thrown))
  }
  try {
    const bodyIfCurrent = () => runIfCurrent(path, file, body)
    const runResult = await runUnderLock(realTimers, () => file, timeoutMs, bodyIfCurrent)()
    return E.isRight(runResult) ? runResult.right : E.left(lockFailure(path, file, runResult.left))
  } finally {
    file.close()
  }
}

const runIfCurrent = <B>(path: string, file: OpenFile, body: () => B): E.Either<IoFailed, B> | 'replaced' => {
  try {
    if (!isCurrentFile(path, file)) return 'replaced'
  } catch (thrown) {
    return E.left(toIoFailed(path, 'stat', thrown))
  }
  return E.right(body())
}

const openLockFile = (path: string): OpenFile =>
  OpenFile.open(realDisk, findOwnFile(realDisk, path).path, 'append or create')

/** True if an open lock file still has its name: one that was deleted before its lock was taken excludes no one. */
const isCurrentFile = (path: string, file: OpenFile): boolean => {
  const stats = realDisk.stat(findOwnFile(realDisk, path).path)
  const { dev, ino } = file.identity()
  return stats?.ino === ino && stats.dev === dev
}

/**
 * Takes the lock of a file, created if it is missing, for any length of time, and returns a function that releases it.
 * undefined: another process has it. Throws what the disk throws.
 */
export const tryLockFile = (path: string): (() => void) | undefined => {
  for (let replacements = 0; replacements <= replacementsMax; replacements += 1) {
    const file = openLockFile(path)
    try {
      const isLocked = file.tryLock()
      if (isLocked && isCurrentFile(path, file)) return () => file.close()
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
export type LockFairness = {
  /** True if the lock should be left to others for a short time before it is taken again. */
  readonly shouldYield: () => boolean
  /** Notes that others have written, or have the lock. */
  readonly noteContention: () => void
  /** Starts a new burst, after the lock was left to others. */
  readonly startBurst: () => void
}

/** Short, because all the others wait for it: eight processes take a round in a few milliseconds. */
const burstMs = 1
/** Other processes that were not seen for this long are gone, and the lock need not be yielded. */
const contentionMemoryMs = 100

export const lockFairness = (monotonicMs: () => number): LockFairness => {
  let contentionAtMs = Number.NEGATIVE_INFINITY
  let burstStartMs = 0
  return {
    shouldYield: () => {
      if (contentionAtMs === Number.NEGATIVE_INFINITY) return false
      const now = monotonicMs()
      if (now - contentionAtMs > contentionMemoryMs) contentionAtMs = Number.NEGATIVE_INFINITY
      return contentionAtMs !== Number.NEGATIVE_INFINITY && now - burstStartMs > burstMs
    },
    noteContention: () => {
      contentionAtMs = monotonicMs()
    },
    startBurst: () => {
      burstStartMs = monotonicMs()
    },
  }
}
