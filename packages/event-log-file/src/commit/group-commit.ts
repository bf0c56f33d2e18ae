import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { closed, type LifeCycle, type TransactFailure } from '@claimlog/event-log'
import type { LogFile, FileContext } from '../disk/log-file.ts'
import {
  lockFairness,
  lockFailure,
  replacementsMax,
  type NotLocked,
  replacedTooOften,
  tryRunUnderLock,
  runUnderLock,
} from '../lock/file-lock.ts'
import { verifyHistory } from '../read/log-reader.ts'
import type { LogTail } from './log-tail.ts'
import type { SyncState } from './sync.ts'

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
type QueuedCall = {
  readonly decision: () => E.Either<unknown, unknown>
  readonly resolve: (outcome: E.Either<unknown, unknown>) => void
  readonly reject: (defect: unknown) => void
  /** True if its caller still waits for it. */
  readonly isWanted: () => boolean
  readonly queuedAtMs: number
}

/** The outcome of a decision, not yet returned to the caller, and the end of the log after it, in bytes. */
type CommitOutcome = {
  readonly call: QueuedCall
  readonly outcome: E.Either<unknown, unknown>
  readonly endOffset: number
}

/**
 * The state of the log under the lock: decisions can be made; another file has its name now; no decision can be made.
 */
type LogCheck = typeof ready | typeof replaced | { readonly _tag: 'Failed'; readonly failure: TransactFailure }

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
  context: FileContext,
  file: LogFile,
  tail: Pick<LogTail<never>, 'position' | 'readCount' | 'readAhead'>,
  syncState: SyncState,
  life: LifeCycle,
  lockTimeoutMs: number,
): Commit => {
  const batches = createCommitBatches(context, file, tail, syncState, life, lockTimeoutMs)
  const queue: Array<QueuedCall> = []
  let isRunning = false
  /** True if the last commit was shared: its callers will then submit together again, each when it gets its result. */
  let wasShared = false

  const runBatches = async (): Promise<void> => {
    isRunning = true
    if (wasShared) await Promise.resolve()
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const outcomes: Array<CommitOutcome> = []
      try {
        await batches.commitBatch(queue, first, outcomes)
      } catch (defect) {
        // No caller may be left without a result: neither those that had decided nor those that are next.
        for (const call of [...outcomes.map(each => each.call), ...queue.splice(0)]) call.reject(defect)
      }
      wasShared = outcomes.length > 1
      if (queue.length === 0) await Promise.resolve()
    }
    isRunning = false
  }

  // One function for all calls, which V8 optimizes better than a closure per call.
  const commit = async <L, B>(decision: () => E.Either<L, B>, isWanted: () => boolean) => {
    if (!life.isOpen()) return closed
    // Without fsync there is nothing to share, and queueing would cost more than the command.
    if (!isRunning && !syncState.waitsForDisk) {
      const outcome = batches.commitUncontended(decision)
      if (outcome._tag !== 'NotCommitted') return outcome
    }
    life.begin()
    const resultPromise = new Promise<E.Either<L | TransactFailure, B>>((resolve, reject) => {
      const resolveCall = resolve as (outcome: E.Either<unknown, unknown>) => void
      queue.push({ decision, resolve: resolveCall, reject, isWanted, queuedAtMs: context.timers.monotonicMs() })
      if (!isRunning) void runBatches()
    })
    return resultPromise.finally(life.end)
  }
  return (decision, isWanted = always) =>
    () =>
      commit(decision, isWanted)
}

const always = (): boolean => true

/** Commits of decisions, each under the lock. */
type CommitBatches = {
  /**
   * Commits `first` and the decisions queued behind it. Takes at least `first` off the queue, unless the file was
   * replaced. Moves each decision to `outcomes` and resolves its caller.
   */
  readonly commitBatch: (queue: Array<QueuedCall>, first: QueuedCall, outcomes: Array<CommitOutcome>) => Promise<void>
  /** Commits one decision without the queue, if the lock is free and no fsync is required. */
  readonly commitUncontended: <L, B>(decision: () => E.Either<L, B>) => E.Either<L | TransactFailure, B> | NotCommitted
}
type NotCommitted = { readonly _tag: 'NotCommitted' }

const notCommitted: NotCommitted = { _tag: 'NotCommitted' }

const createCommitBatches = (
  context: FileContext,
  file: LogFile,
  tail: Pick<LogTail<never>, 'position' | 'readCount' | 'readAhead'>,
  syncState: SyncState,
  life: LifeCycle,
  lockTimeoutMs: number,
): CommitBatches => {
  const { timers } = context
  const checkLog = createLogCheck(context, file, tail, syncState)
  const fairness = lockFairness(timers.monotonicMs)
  let replacements = 0
  let lastReadCount = 0

  /**
   * True if the lock should be left to others. A process that syncs after each commit leaves it alone for long enough.
   */
  const shouldYield = (): boolean => !syncState.waitsForDisk && fairness.shouldYield()
  const noteForeignWrites = (): void => {
    if (tail.readCount() !== lastReadCount) fairness.noteContention()
    lastReadCount = tail.readCount()
  }

  return {
    commitBatch: async (queue, first, outcomes) => {
      const failFirst = (failure: TransactFailure): void => queue.shift()?.resolve(E.left(failure))
      const writeFailure = syncState.failure() ?? file.writeFailure()
      if (writeFailure !== undefined) return failFirst(writeFailure)

      // 1. Lock, or wait for it and read ahead meanwhile. Decisions that arrive before the lock is taken join the
      // commit.
      const waitMs = Math.max(0, first.queuedAtMs + lockTimeoutMs - timers.monotonicMs())
      const isYielding = waitMs > 0 && shouldYield()
      let waitCount = 0
      const onWait = (): number => {
        // A process that only yields has not been kept out.
        if (waitCount > 0 || !isYielding) fairness.noteContention()
        waitCount += 1
        return tail.readAhead()
      }
      const isAbandoned = (): boolean => life.isOverdue() || !first.isWanted()
      // 2. and 3. are under the lock. 4. Unlock.
      const decide = (): void => decideQueued(queue, checkLog, tail, outcomes)
      const lockResult = await runUnderLock(timers, file.current, waitMs, decide, { isYielding, onWait, isAbandoned })()
      if (waitCount > 0) fairness.startBurst()
      noteForeignWrites()
      if (E.isLeft(lockResult))
        return failFirst(toFailure(context, file, lockResult.left, timers.monotonicMs() - first.queuedAtMs))
      replacements = queue[0] === first ? replacements + 1 : 0
      if (replacements > replacementsMax) failFirst(replacedTooOften(context.path))

      // 5. Sync, once for all, up to the end after the last decision. Not up to the current end of the tail: a fold that
      // reads the log again from its start, and fails, moves that.
      let offset = 0
      for (const { outcome, endOffset } of outcomes) if (E.isRight(outcome)) offset = Math.max(offset, endOffset)
      const syncResult = syncState.syncBytes(offset)
      // 6. Answer.
      for (const { call, outcome } of outcomes)
        call.resolve(E.isRight(outcome) && E.isLeft(syncResult) ? syncResult : outcome)
    },

    commitUncontended: <L, B>(decision: () => E.Either<L, B>) => {
      if (file.writeFailure() !== undefined || shouldYield()) return notCommitted
      const lockResult = tryRunUnderLock(file.current, (): E.Either<L | TransactFailure, B> | NotCommitted => {
        const check = checkLog()
        if (check._tag === 'Failed') return E.left(check.failure)
        return check._tag === 'Ready' ? decision() : notCommitted
      })
      noteForeignWrites()
      return lockResult._tag === 'Ran' ? lockResult.value : notCommitted
    },
  }
}

/**
 * The largest number of decisions per commit: at a few microseconds each, other processes wait a millisecond at most.
 */
const commitBatchMax = 128

/**
 * Takes decisions off the queue and makes each, under the lock, until the file was replaced. If one throws, that is a
 * defect: its own call rejects, and the others are not affected.
 */
const decideQueued = (
  queue: Array<QueuedCall>,
  checkLog: () => LogCheck,
  tail: Pick<LogTail<never>, 'position'>,
  outcomes: Array<CommitOutcome>,
): void => {
  // No other process changes the file meanwhile; but a failed write of this one may have left something in it.
  let isChecked = false
  while (outcomes.length < commitBatchMax) {
    const call = queue[0]
    if (call === undefined) return
    try {
      // 2. Is this file the log, and does it end where this process has read up to?
      const check: LogCheck = isChecked ? ready : checkLog()
      if (check._tag === 'Replaced') return
      // 3. Decide and append: see `decideAtEnd`.
      const outcome: CommitOutcome['outcome'] = check._tag === 'Ready' ? call.decision() : E.left(check.failure)
      isChecked = E.isRight(outcome)
      outcomes.push({ call, outcome, endOffset: tail.position().offset })
    } catch (defect) {
      isChecked = false
      call.reject(defect)
    }
    queue.shift()
  }
}

/**
 * A check of the file's history stays valid for this long if the length is unchanged: within it no process can copy a
 * file over the log while another one writes to that. A process that copies takes no lock, and may come between a check
 * and a write in any case. In a burst of commands this saves most of the checks, 1 µs each.
 */
const checkValidMs = 0.1

/** Step 2 of a commit: checks the log as it is now, under the lock. */
const createLogCheck = (
  { path, timers }: FileContext,
  file: LogFile,
  tail: Pick<LogTail<never>, 'position'>,
  syncState: SyncState,
): (() => LogCheck) => {
  let checkedAtMs = Number.NEGATIVE_INFINITY
  return () => {
    const refreshResult = file.refresh()
    if (E.isLeft(refreshResult)) return toFailedCheck(refreshResult.left)
    const now = timers.monotonicMs()
    if (refreshResult.right || file.size() !== tail.position().offset || !(now - checkedAtMs < checkValidMs)) {
      // A copy may have been restored in place, and the log may have grown to the same length since.
      const historyResult = verifyHistory(path, file, tail.position())
      if (refreshResult.right || E.isLeft(historyResult)) syncState.reset()
      if (E.isLeft(historyResult)) return toFailedCheck(historyResult.left)
      checkedAtMs = now
    }
    // The lock belongs to the file that was open before.
    if (refreshResult.right) return replaced
    const recoveryResult = syncState.recoverUnsynced()
    return E.isLeft(recoveryResult) ? toFailedCheck(recoveryResult.left) : ready
  }
}

const toFailedCheck = (failure: TransactFailure): LogCheck => ({ _tag: 'Failed', failure })

const toFailure = ({ path }: FileContext, file: LogFile, reason: NotLocked, waitedMs: number): TransactFailure => {
  if (reason._tag === 'Waited' && reason.isAbandoned) return { failure: 'Closed' }
  const failure = lockFailure(path, file.current(), reason)
  return failure.failure === 'LockTimeout' ? { ...failure, waitedMs: Math.round(waitedMs) } : failure
}
