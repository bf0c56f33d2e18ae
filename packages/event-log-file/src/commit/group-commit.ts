import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { closed, type LifeCycle, type TransactFailure } from '@claimlog/event-log'
import type { LogFile, Place } from '../disk/log-file.ts'
import {
  handOverOf,
  lockFailure,
  movesMax,
  type NotLocked,
  replacedTooOften,
  tryLocked,
  whileLocked,
} from '../lock/file-lock.ts'
import { stillHolds } from '../read/reader.ts'
import type { EndOfLog } from './end-of-log.ts'
import type { Syncing } from './sync.ts'

/**
 * Makes a decision at the end of the log, and resolves once everything up to that end is as durable as promised.
 * Decisions that are submitted together share one lock and one fsync. If `isWanted` returns false before the decision
 * starts, the result is `Closed`.
 */
export type Commit = <L, B>(
  decision: () => E.Either<L, B>,
  isWanted?: () => boolean,
) => TE.TaskEither<L | TransactFailure, B>

/** A decision that waits for the lock, and the callbacks of its caller. */
type Waiting = {
  readonly decision: () => E.Either<unknown, unknown>
  readonly settle: (outcome: E.Either<unknown, unknown>) => void
  readonly reject: (defect: unknown) => void
  /** True if its caller still waits for it. */
  readonly isWanted: () => boolean
  readonly sinceMs: number
}

/** The outcome of a decision, not yet returned to the caller, and the end of the log after it, in bytes. */
type Decided = {
  readonly waiting: Waiting
  readonly outcome: E.Either<unknown, unknown>
  readonly endOffset: number
}

/**
 * The state of the log under the lock: decisions can be made; another file has its name now; no decision can be made.
 */
type LockedLog = typeof ready | typeof replaced | { readonly _tag: 'Failed'; readonly failure: TransactFailure }

const ready = { _tag: 'Ready' } as const
const replaced = { _tag: 'Replaced' } as const

/**
 * The only path by which events are written to a log. The first call commits immediately; calls that arrive meanwhile
 * share the next commit.
 *
 * ```
 *   commit ─► queue ─► 1 lock ─ 2 is the end still N? ─ 3 decide, append, for each ─ 4 unlock ─ 5 sync ─ 6 answer ─► next
 * ```
 *
 * Nothing between lock and unlock is asynchronous, so nothing can suspend this process while others wait.
 */
export const groupCommit = (
  place: Place,
  file: LogFile,
  end: Pick<EndOfLog<never>, 'position' | 'reads' | 'readAhead'>,
  syncing: Syncing,
  life: LifeCycle,
  lockTimeoutMs: number,
): Commit => {
  const turns = turnsOf(place, file, end, syncing, life, lockTimeoutMs)
  const queue: Array<Waiting> = []
  let isAtWork = false
  /** True if the last commit was shared: its callers will then submit together again, each when it gets its result. */
  let wereTogether = false

  const takeTurns = async (): Promise<void> => {
    isAtWork = true
    if (wereTogether) await Promise.resolve()
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const decided: Array<Decided> = []
      try {
        await turns.take(queue, first, decided)
      } catch (defect) {
        // No caller may be left without a result: neither those that had decided nor those that are next.
        for (const waiting of [...decided.map(each => each.waiting), ...queue.splice(0)]) waiting.reject(defect)
      }
      wereTogether = decided.length > 1
      if (queue.length === 0) await Promise.resolve()
    }
    isAtWork = false
  }

  // One function for all calls, which V8 optimizes better than a closure per call.
  const commit = async <L, B>(decision: () => E.Either<L, B>, isWanted: () => boolean) => {
    if (!life.isOpen()) return closed
    // Without fsync there is nothing to share, and queueing would cost more than the command.
    if (!isAtWork && !syncing.syncs) {
      const outcome = turns.takeAlone(decision)
      if (outcome._tag !== 'NotCommitted') return outcome
    }
    life.begin()
    const answered = new Promise<E.Either<L | TransactFailure, B>>((resolve, reject) => {
      const settle = resolve as (outcome: E.Either<unknown, unknown>) => void
      queue.push({ decision, settle, reject, isWanted, sinceMs: place.timers.monotonicMs() })
      if (!isAtWork) void takeTurns()
    })
    return answered.finally(life.end)
  }
  return (decision, isWanted = always) =>
    () =>
      commit(decision, isWanted)
}

const always = (): boolean => true

/** Commits of decisions, each under the lock. */
type Turns = {
  /**
   * Commits `first` and the decisions queued behind it. Takes at least `first` off the queue, unless the file was
   * replaced. Moves each decision to `outcomes` and resolves its caller.
   */
  readonly take: (queue: Array<Waiting>, first: Waiting, decided: Array<Decided>) => Promise<void>
  /** Commits one decision without the queue, if the lock is free and no fsync is required. */
  readonly takeAlone: <L, B>(decision: () => E.Either<L, B>) => E.Either<L | TransactFailure, B> | NoTurn
}
type NoTurn = { readonly _tag: 'NotCommitted' }

const noTurn: NoTurn = { _tag: 'NotCommitted' }

const turnsOf = (
  place: Place,
  file: LogFile,
  end: Pick<EndOfLog<never>, 'position' | 'reads' | 'readAhead'>,
  syncing: Syncing,
  life: LifeCycle,
  lockTimeoutMs: number,
): Turns => {
  const { timers } = place
  const look = lockedLog(place, file, end, syncing)
  const handOver = handOverOf(timers.monotonicMs)
  let moves = 0
  let knownReads = 0

  /**
   * True if the lock should be left to others. A process that syncs after each commit leaves it alone for long enough.
   */
  const stepsAside = (): boolean => !syncing.syncs && handOver.isDue()
  const noteOthers = (): void => {
    if (end.reads() !== knownReads) handOver.metOthers()
    knownReads = end.reads()
  }

  return {
    take: async (queue, first, decided) => {
      const refuse = (failure: TransactFailure): void => queue.shift()?.settle(E.left(failure))
      const unwritable = syncing.failure() ?? file.readOnly()
      if (unwritable !== undefined) return refuse(unwritable)

      // 1. Lock, or wait for it and read ahead meanwhile. Decisions that arrive before the lock is taken join the
      // commit.
      const leftMs = Math.max(0, first.sinceMs + lockTimeoutMs - timers.monotonicMs())
      const isAside = leftMs > 0 && stepsAside()
      let waits = 0
      const meanwhile = (): number => {
        // A process that only yields has not been kept out.
        if (waits > 0 || !isAside) handOver.metOthers()
        waits += 1
        return end.readAhead()
      }
      const isGivenUp = (): boolean => life.isOverdue() || !first.isWanted()
      // 2. and 3. are under the lock. 4. Unlock.
      const underLock = (): void => decideQueued(queue, look, end, decided)
      const ran = await whileLocked(timers, file.current, leftMs, underLock, { isAside, meanwhile, isGivenUp })()
      if (waits > 0) handOver.begin()
      noteOthers()
      if (E.isLeft(ran)) return refuse(notLocked(place, file, ran.left, timers.monotonicMs() - first.sinceMs))
      moves = queue[0] === first ? moves + 1 : 0
      if (moves > movesMax) refuse(replacedTooOften(place.path))

      // 5. Sync, once for all, up to the end after the last decision. Not up to the current end of the tail: a fold that
      // reads the log again from its start, and fails, moves that.
      let offset = 0
      for (const { outcome, endOffset } of decided) if (E.isRight(outcome)) offset = Math.max(offset, endOffset)
      const synced = syncing.upTo(offset)
      // 6. Answer.
      for (const { waiting, outcome } of decided)
        waiting.settle(E.isRight(outcome) && E.isLeft(synced) ? synced : outcome)
    },

    takeAlone: <L, B>(decision: () => E.Either<L, B>) => {
      if (file.readOnly() !== undefined || stepsAside()) return noTurn
      const ran = tryLocked(file.current, (): E.Either<L | TransactFailure, B> | NoTurn => {
        const log = look()
        if (log._tag === 'Failed') return E.left(log.failure)
        return log._tag === 'Ready' ? decision() : noTurn
      })
      noteOthers()
      return ran._tag === 'Ran' ? ran.value : noTurn
    },
  }
}

/**
 * The largest number of decisions per commit: at a few microseconds each, other processes wait a millisecond at most.
 */
const decisionsMax = 128

/**
 * Takes decisions off the queue and makes each, under the lock, until the file was replaced. If one throws, that is a
 * defect: its own call rejects, and the others are not affected.
 */
const decideQueued = (
  queue: Array<Waiting>,
  look: () => LockedLog,
  end: Pick<EndOfLog<never>, 'position'>,
  decided: Array<Decided>,
): void => {
  // No other process changes the file meanwhile; but a failed write of this one may have left something in it.
  let isKnown = false
  while (decided.length < decisionsMax) {
    const waiting = queue[0]
    if (waiting === undefined) return
    try {
      // 2. Is this file the log, and does it end where this process has read up to?
      const log: LockedLog = isKnown ? ready : look()
      if (log._tag === 'Replaced') return
      // 3. Decide and append: see `decideAtEnd`.
      const outcome: Decided['outcome'] = log._tag === 'Ready' ? waiting.decision() : E.left(log.failure)
      isKnown = E.isRight(outcome)
      decided.push({ waiting, outcome, endOffset: end.position().offset })
    } catch (defect) {
      isKnown = false
      waiting.reject(defect)
    }
    queue.shift()
  }
}

/**
 * A check of the file's history stays valid for this long if the length is unchanged: within it no process can copy a
 * file over the log while another one writes to that. A process that copies takes no lock, and may come between a check
 * and a write in any case. In a burst of commands this saves most of the checks, 1 µs each.
 */
const believedMs = 0.1

/** Step 2 of a commit: checks the log as it is now, under the lock. */
const lockedLog = (
  { path, timers }: Place,
  file: LogFile,
  { position: end }: Pick<EndOfLog<never>, 'position'>,
  syncing: Syncing,
): (() => LockedLog) => {
  let checkedAt = Number.NEGATIVE_INFINITY
  return () => {
    const moved = file.refresh()
    if (E.isLeft(moved)) return failed(moved.left)
    const now = timers.monotonicMs()
    if (moved.right || file.size() !== end().offset || !(now - checkedAt < believedMs)) {
      // A copy may have been restored in place, and the log may have grown to the same length since.
      const held = stillHolds(path, file, end())
      if (moved.right || E.isLeft(held)) syncing.forget()
      if (E.isLeft(held)) return failed(held.left)
      checkedAt = now
    }
    // The lock belongs to the file that was open before.
    if (moved.right) return replaced
    const prepared = syncing.prepare()
    return E.isLeft(prepared) ? failed(prepared.left) : ready
  }
}

const failed = (failure: TransactFailure): LockedLog => ({ _tag: 'Failed', failure })

const notLocked = ({ path }: Place, file: LogFile, why: NotLocked, waitedMs: number): TransactFailure => {
  if (why._tag === 'Waited' && why.isGivenUp) return { failure: 'Closed' }
  const failure = lockFailure(path, file.current(), why)
  return failure.failure === 'LockTimeout' ? { ...failure, waitedMs: Math.round(waitedMs) } : failure
}
