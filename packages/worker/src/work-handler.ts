import type { Json } from '@claimlog/codecs'
import type { TransactFailure } from '@claimlog/event-log'
import type { WorkerFailed } from '@claimlog/messages'
import type { ClaimView, TaskView } from '@claimlog/wire'

/** A task that a worker holds, as its handler is given it. */
export type HeldTask = {
  /** The task as `claim` answers it. */
  readonly task: TaskView
  readonly claim: ClaimView
  /** Aborts when the work must stop at once; its `reason` is a {@link WorkStopped}. What the handler answers then is not heard. */
  readonly signal: AbortSignal
  /** Says how far the work is, for everybody to see, and renews the claim. Throws a {@link WorkStopped} where the claim is lost. */
  readonly progress: (progress: Json) => Promise<void>
}

/** What came of a task: `retryInMs` overrules when the next attempt may start; null: there shall be none. */
export type TaskOutcome =
  | { readonly outcome: 'completed'; readonly result?: Json }
  | { readonly outcome: 'failed'; readonly error: string; readonly retryInMs?: number | null }
  | { readonly outcome: 'released'; readonly reason?: string }

/**
 * What came of the work: of the task, or of the worker's own part in it. A `worker_failed` is never charged to the task,
 * which is given back; the worker backs off, and ends after a few in a row.
 */
export type WorkOutcome = TaskOutcome | { readonly outcome: 'worker_failed'; readonly failure: WorkerTrouble }

/** Why a worker could not do its part. */
export type WorkerTrouble = WorkerFailed | TransactFailure

/**
 * Does the work of one task. One that throws has failed, with what it threw as the error; but a failure of the log, thrown
 * on by a handler that used the queue, is the worker's.
 */
export type WorkHandler = (held: HeldTask) => Promise<WorkOutcome>

/**
 * Why work must stop: `lost`, the claim is over and the task is perhaps somebody else's; `timed_out`, the time given to a
 * task is up; `told`, the worker is to end at once.
 */
export class WorkStopped extends Error {
  override readonly name = 'WorkStopped'
  readonly stopped: 'lost' | 'timed_out' | 'told'

  constructor(stopped: WorkStopped['stopped'], message: string) {
    super(message)
    this.stopped = stopped
  }
}
