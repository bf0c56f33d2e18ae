import type { Json } from '@claimlog/codecs'
import type { TransactFailure } from '@claimlog/event-log'
import type { WorkerFailed } from '@claimlog/messages'
import type { ClaimView, TaskView } from '@claimlog/wire'

/** A claimed task, as passed to its handler. */
export type HandlerContext = {
  /** The task as `claim` returns it. */
  readonly task: TaskView
  readonly claim: ClaimView
  /**
   * Aborts when the work must stop at once; its `reason` is a {@link WorkStopped}. The handler's result is ignored
   * then.
   */
  readonly signal: AbortSignal
  /**
   * Records progress that every process can read, and renews the claim. Throws a {@link WorkStopped} if the claim is
   * lost.
   */
  readonly progress: (progress: Json) => Promise<void>
}

/**
 * The outcome of a task: `retryInMs` overrides the delay of the next attempt; null: no further attempt. `cause`: the value
 * that was thrown, if any; the worker's event has it, and the log has the stack of an error.
 */
export type TaskOutcome =
  | { readonly outcome: 'completed'; readonly result?: Json }
  | { readonly outcome: 'failed'; readonly error: string; readonly retryInMs?: number | null; readonly cause?: unknown }
  | { readonly outcome: 'released'; readonly reason?: string }

/**
 * The outcome of the work: of the task, or of the worker's own part. A `worker_failed` is never charged to the task,
 * which is released; the worker backs off, and ends after a few in a row.
 */
export type WorkOutcome = TaskOutcome | { readonly outcome: 'worker_failed'; readonly failure: WorkerFailure }

/** Why a worker could not do its part. */
export type WorkerFailure = WorkerFailed | TransactFailure

/**
 * Does the work of one task. If it throws, the attempt fails with that error; but a failure of the log, rethrown by a
 * handler that used the queue, is the worker's.
 *
 * @example
 * const handler: WorkHandler = async ({ task }) => ({ outcome: 'completed', result: { read: task.id } })
 */
export type WorkHandler = (context: HandlerContext) => Promise<WorkOutcome>

/**
 * Why work must stop: `lost`, the claim has ended and the task may be another worker's; `timed_out`, the time limit of
 * the task has passed; `stopped`, the worker must stop at once. `cause`: the refusal of a renewal, as a `ClaimlogError`;
 * the reason of the signal that stopped the worker, or the error that ended it.
 */
export class WorkStopped extends Error {
  override readonly name = 'WorkStopped'
  readonly stopped: 'lost' | 'timed_out' | 'stopped'

  constructor(stopped: WorkStopped['stopped'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.stopped = stopped
  }
}
