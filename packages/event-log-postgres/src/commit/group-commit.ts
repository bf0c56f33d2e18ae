import type * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  closed,
  type Fold,
  type HasEvents,
  type LifeCycle,
  type Numbered,
  type TransactFailure,
} from '@claimlog/event-log'
import { monotonicMs } from '../connect/connection.ts'
import type { PostgresContext } from '../log-context.ts'
import type { KnownEnd } from '../read/known-end.ts'
import type { PendingCall } from './append-batch.ts'
import { createBatchCommit } from './batch-commit.ts'
import type { Mutex } from './mutex.ts'

/** Submits a decision, and resolves to its result once its events are in the log. */
export type SubmitDecision<A> = <R, D extends HasEvents<A>, B>(
  fold: Fold<A>,
  decide: () => E.Either<R, D>,
  result: (decision: D) => B,
  isWanted?: () => boolean,
) => TE.TaskEither<R | TransactFailure, B>

/** The most decisions of one append. */
const batchMax = 128

const always = (): boolean => true

/**
 * The only path by which events are written. Decisions are made at the end of the log as it is known here, and the
 * server appends them only if the log still ends there:
 *
 * ```
 *   submit ─► queue ─► 1 catch up ─ 2 decide, one on top of the other ─ 3 append, if the log ends there ─ 4 answer
 *                        ▲                                                │ it does not: the lines in between
 *                        └───────────── short random pause ◄──────────────┘
 * ```
 *
 * A refusal is never older than the question: nothing is answered before the server has confirmed the end of the log,
 * by an append or by a read.
 */
export const groupCommit = <A extends Numbered>(
  context: PostgresContext<A>,
  end: KnownEnd<A>,
  mutex: Mutex,
  life: LifeCycle,
  durable: boolean,
  onAppend: (isAwaited: boolean) => void,
): SubmitDecision<A> => {
  const queue: Array<PendingCall<A>> = []
  const commitBatch = createBatchCommit(context, end, life, durable, onAppend)
  let isRunning = false

  const runQueue = async (): Promise<void> => {
    isRunning = true
    // Calls of the same turn of the event loop share the first append.
    await Promise.resolve()
    while (queue.length > 0) {
      const calls = takeSameFold(queue)
      try {
        await mutex(() => commitBatch(calls))
      } catch (defect) {
        for (const call of calls) call.reject(defect)
      }
    }
    isRunning = false
  }

  return (fold, decide, result, isWanted = always) =>
    async () => {
      if (!life.begin()) return closed
      try {
        return await new Promise((resolve, reject) => {
          const deadlineMs = monotonicMs() + context.lockTimeoutMs
          const call = { fold, decide, result, isWanted, resolve, reject, deadlineMs }
          queue.push(call as unknown as PendingCall<A>)
          if (!isRunning) void runQueue()
        })
      } finally {
        life.end()
      }
    }
}

/** Takes calls with the same fold off the queue, in order. */
const takeSameFold = <A>(queue: Array<PendingCall<A>>): Array<PendingCall<A>> => {
  const fold = queue[0]?.fold
  const end = queue.findIndex((call, i) => call.fold !== fold || i >= batchMax)
  return queue.splice(0, end === -1 ? queue.length : end)
}
