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
 * Takes a decision at the end of the log, and answers once everything up to that end is as durable as promised. Decisions
 * that are submitted together share one lock and one sync. Where `isWanted` comes to say no before it was its turn, `Closed`
 * is answered.
 */
export type Commit = <L, B>(
  decision: () => E.Either<L, B>,
  isWanted?: () => boolean,
) => TE.TaskEither<L | TransactFailure, B>

/** A decision that waits for its turn under the lock, and how its caller is answered. */
type Waiting = {
  readonly decision: () => E.Either<unknown, unknown>
  readonly settle: (outcome: E.Either<unknown, unknown>) => void
  readonly reject: (defect: unknown) => void
  /** Whether its caller still waits for it. */
  readonly isWanted: () => boolean
  readonly sinceMs: number
}

/** What a decision came to, not yet answered, and where the log ended then, in bytes. */
type Decided = {
  readonly waiting: Waiting
  readonly outcome: E.Either<unknown, unknown>
  readonly endOffset: number
}

/** The file whose lock was taken: decisions may be taken; another file has the log's name now; none can be taken. */
type LockedLog = Ready | Replaced | { readonly _tag: 'Failed'; readonly failure: TransactFailure }
type Ready = { readonly _tag: 'Ready' }
type Replaced = { readonly _tag: 'Replaced' }

const ready: Ready = { _tag: 'Ready' }
const replaced: Replaced = { _tag: 'Replaced' }

/**
 * The one way into a log. Whoever comes first has its turn at once; those who come meanwhile share the next.
 *
 * ```
 *   commit ─► queue ─► 1 lock ─ 2 is the end still N? ─ 3 decide, append, for each ─ 4 unlock ─ 5 sync ─ 6 answer ─► next
 * ```
 *
 * Nothing between the lock and the unlock is asynchronous, so that nothing that could suspend happens while others wait.
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
  /** Whether those who were answered last had come together: then they will again, each as it gets its answer. */
  let wereTogether = false

  const takeTurns = async (): Promise<void> => {
    isAtWork = true
    if (wereTogether) await Promise.resolve()
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const decided: Array<Decided> = []
      try {
        await turns.take(queue, first, decided)
      } catch (defect) {
        // Nobody may be left waiting for an answer: not those who had decided, nor those who are next.
        for (const waiting of [...decided.map(each => each.waiting), ...queue.splice(0)]) waiting.reject(defect)
      }
      wereTogether = decided.length > 1
      if (queue.length === 0) await Promise.resolve()
    }
    isAtWork = false
  }

  // One function for all calls, which V8 optimizes better than a closure of each.
  const commit = async <L, B>(decision: () => E.Either<L, B>, isWanted: () => boolean) => {
    if (!life.isOpen()) return closed
    // Where nothing is synced there is nothing to share, and a turn would cost more than the command.
    if (!isAtWork && !syncing.syncs) {
      const outcome = turns.takeAlone(decision)
      if (outcome._tag !== 'NoTurn') return outcome
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

/** Turns under the lock. */
type Turns = {
  /**
   * A turn for `first` and all that wait behind it. Takes at least `first` off the queue, unless the file was replaced; moves
   * what was decided to `decided`, and answers it.
   */
  readonly take: (queue: Array<Waiting>, first: Waiting, decided: Array<Decided>) => Promise<void>
  /** One for a decision that nobody else's waits beside, where nothing has to be waited for or synced. */
  readonly takeAlone: <L, B>(decision: () => E.Either<L, B>) => E.Either<L | TransactFailure, B> | NoTurn
}
type NoTurn = { readonly _tag: 'NoTurn' }

const noTurn: NoTurn = { _tag: 'NoTurn' }

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

  /** Who syncs after each turn leaves the lock alone for long enough. */
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

      // 1. Lock, or wait for it and read ahead meanwhile. Who comes by the time that it is had takes part.
      const leftMs = Math.max(0, first.sinceMs + lockTimeoutMs - timers.monotonicMs())
      const isAside = leftMs > 0 && stepsAside()
      let waits = 0
      const meanwhile = (): number => {
        // Whoever only steps aside has not been kept out by anybody.
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

      // 5. Sync, once for all. Not up to where the log is taken to end by now: one who reads it anew, and fails, moves that.
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

/** How many decisions may share one turn under the lock: at a few microseconds each, others wait a millisecond at most. */
const decisionsMax = 128

/**
 * Under the lock: takes decisions off the queue, and has each decide, until the file was replaced. One that throws has a
 * defect: its caller hears of it, and nobody else is concerned.
 */
const decideQueued = (
  queue: Array<Waiting>,
  look: () => LockedLog,
  end: Pick<EndOfLog<never>, 'position'>,
  decided: Array<Decided>,
): void => {
  // Nobody else changes the file meanwhile; but a write of ours that failed may have left something in it.
  let isKnown = false
  while (decided.length < decisionsMax) {
    const waiting = queue[0]
    if (waiting === undefined) return
    try {
      // 2. Is this the log, and its end where it was read up to?
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
 * For so long after the file was seen to hold what was read, a turn believes it, if the length is as it was left: within it
 * nobody can copy a file over the log and another process write to that. Whoever copies takes no lock, and may come
 * between a check and a write in any case. A burst of commands saves most of its checks by it, each 1 µs.
 */
const believedMs = 0.1

/** Step 2 of a turn: looks at the log as it is now, under the lock. */
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
      // A copy may be put back in place, and the log may have grown to the same length since.
      const held = stillHolds(path, file, end())
      if (moved.right || E.isLeft(held)) syncing.forget()
      if (E.isLeft(held)) return failed(held.left)
      checkedAt = now
    }
    // The lock that was taken is that of the file that was open before.
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
