import type { ClaimView, Json, TaskView } from '@claimlog/domain'

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

/** What came of the work: `retryInMs` overrules when the next attempt may start; null: there shall be none. */
export type WorkOutcome =
  | { readonly outcome: 'completed'; readonly result?: Json }
  | { readonly outcome: 'failed'; readonly error: string; readonly retryInMs?: number | null }
  | { readonly outcome: 'released'; readonly reason?: string }

/** Does the work of one task. One that throws has failed, with what it threw as the error. */
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
