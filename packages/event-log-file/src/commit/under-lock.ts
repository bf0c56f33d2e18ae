import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, LifeCycle, TransactFailure } from '@claimlog/event-log'
import type { EndOfLog } from './end-of-log.ts'
import type { Position } from '../format/line.ts'
import { lockFailure, type NotLocked, tryLocked, whileLocked } from '../lock/file-lock.ts'
import { handOverOf } from '../lock/hand-over.ts'
import type { LogFile, Place } from '../disk/log-file.ts'
import { stillHolds } from '../read/bookmark.ts'
import type { Syncing } from './sync.ts'
import { type Decided, decideInTurn, type Enter, type InTurn, inTurnOf, type Waiting } from './turns.ts'

/**
 * Runs bodies under the lock of the file that the path names. One that comes to an answer (right) has it given only when
 * everything up to `end()`, the place up to which the log was read or written, is as durable as promised. A body is
 * synchronous: nothing that could suspend happens while others wait. Bodies that are submitted together share one lock
 * and one sync.
 */
export const underLockOf = (
  source: Place,
  file: LogFile,
  { position: end, reads, readAhead }: Pick<EndOfLog<never>, 'position' | 'reads' | 'readAhead'>,
  syncing: Syncing,
  life: LifeCycle,
  lockTimeoutMs: number,
): InTurn => {
  const { timers, path } = source
  const enter = enterOf(source, file, end, syncing)
  const handOver = handOverOf(timers.monotonicMs)
  let moves = 0
  let knownReads = 0

  const afterTheLock = (): void => {
    if (reads() !== knownReads) handOver.metOthers()
    knownReads = reads()
  }
  /** Who syncs after each turn leaves the lock alone for long enough. */
  const stepsAside = (): boolean => !syncing.syncs && handOver.isDue()

  /** After the unlock and before the answers: whoever syncs, syncs all that stands before it for everybody. */
  const answer = (decided: ReadonlyArray<Decided>): void => {
    // Not where the log is taken to end by now: one who reads it anew from the start, and fails, leaves that behind.
    const offsets = decided.flatMap(({ outcome, endOffset }) => (E.isRight(outcome) ? [endOffset] : []))
    const synced = offsets.length > 0 ? syncing.upTo(Math.max(...offsets)) : E.right(undefined)
    for (const { waiting, outcome } of decided)
      waiting.settle(E.isRight(outcome) && E.isLeft(synced) ? synced : outcome)
  }

  /** Has those who wait decide, also those who come while the lock is waited for; settles `first` where nobody can. */
  const decide = async (queue: Array<Waiting>, first: Waiting, decided: Array<Decided>): Promise<void> => {
    const settleFirst = (failure: TransactFailure): void => {
      queue.shift()
      first.settle(E.left(failure))
    }
    const unwritable = syncing.failure() ?? file.readOnly()
    if (unwritable !== undefined) return settleFirst(unwritable)
    const leftMs = Math.max(0, first.sinceMs + lockTimeoutMs - timers.monotonicMs())
    const run = (): void => decideInTurn(queue, enter, () => end().offset, decided)
    const isAside = leftMs > 0 && stepsAside()
    let waits = 0
    const meanwhile = (): number => {
      // Whoever only steps aside has not been kept out by anybody.
      if (waits > 0 || !isAside) handOver.metOthers()
      waits += 1
      return readAhead()
    }
    const isGivenUp = (): boolean => life.isOverdue() || !first.isWanted()
    const ran = await whileLocked(source.timers, file.current, leftMs, run, { isAside, meanwhile, isGivenUp })
    if (waits > 0) handOver.begin()
    afterTheLock()
    if (E.isLeft(ran))
      return settleFirst(notLocked(source, file, ran.left, Math.round(timers.monotonicMs() - first.sinceMs)))
    moves = queue[0] === first ? moves + 1 : 0
    if (moves > mostMoves) settleFirst(replacedTooOften(path))
  }

  /** Where nothing is synced there is nothing to share, and a turn would cost more than the command. */
  const alone = (body: Waiting['body']): E.Either<unknown, unknown> | undefined => {
    if (syncing.syncs || file.readOnly() !== undefined || stepsAside()) return undefined
    const ran = tryLocked(file.current, () => enter() ?? body())
    afterTheLock()
    return ran === undefined || E.isLeft(ran) || ran.right === 'moved' ? undefined : ran.right
  }

  const turn = async (queue: Array<Waiting>): Promise<number> => {
    const [first] = queue
    const decided: Array<Decided> = []
    try {
      if (first !== undefined) await decide(queue, first, decided)
      answer(decided)
    } catch (defect) {
      // Nobody may be left waiting for an answer: not those who had decided, nor those who are next.
      for (const waiting of [...decided.map(each => each.waiting), ...queue.splice(0)]) waiting.reject(defect)
    }
    return decided.length
  }

  return inTurnOf(life, turn, alone, timers.monotonicMs)
}

/**
 * For so long after the file was seen to hold what was read, a turn believes it, if the length is as it was left: within it
 * nobody can copy a file over the log and another process write to that. Whoever copies takes no lock, and may come
 * between a check and a write in any case. A burst of commands saves most of its checks by it, each 1 µs.
 */
const believedMs = 0.1

const enterOf = ({ path, timers }: Place, file: LogFile, end: () => Position, syncing: Syncing): Enter => {
  let checkedAt = Number.NEGATIVE_INFINITY
  return () => {
    const moved = file.refresh()
    if (E.isLeft(moved)) return moved
    const now = timers.monotonicMs()
    if (moved.right || file.size() !== end().offset || !(now - checkedAt < believedMs)) {
      // A copy may be put back in place, and the log may have grown to the same length since.
      const held = stillHolds(path, file, end())
      if (moved.right || E.isLeft(held)) syncing.forget()
      if (E.isLeft(held)) return held
      checkedAt = now
    }
    // The lock that was taken is that of the file that was open before.
    if (moved.right) return 'moved'
    const prepared = syncing.prepare()
    return E.isLeft(prepared) ? prepared : undefined
  }
}

const notLocked = ({ path }: Place, file: LogFile, why: NotLocked, waitedMs: number): TransactFailure => {
  if (why.tag === 'Waited' && why.isGivenUp) return { failure: 'Closed' }
  const failure = lockFailure(path, file.current(), why)
  return failure.failure === 'LockTimeout' ? { ...failure, waitedMs } : failure
}

/** Somebody replaces the log each time it is looked at: there is no telling which is the log. */
const mostMoves = 16

const replacedTooOften = (path: string): IoFailed => ({
  failure: 'IoFailed',
  path,
  operation: 'lock',
  code: 'EAGAIN',
  detail: `it was replaced ${mostMoves} times while its lock was taken`,
})
