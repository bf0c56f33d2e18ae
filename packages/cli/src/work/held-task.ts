import type { ClaimView, Json, TaskView } from '@claimlog/domain'

/** A task that a worker holds, as its handler is given it. */
export type HeldTask = {
  readonly task: TaskView
  readonly claim: ClaimView
  /** Aborts when the work must stop at once. Nothing that the handler answers afterwards counts. */
  readonly signal: AbortSignal
  /** Renews the claim and says how far the work is. */
  readonly progress: (progress: Json) => Promise<void>
}

/** What came of the work. */
export type WorkOutcome =
  | { readonly outcome: 'completed'; readonly result?: Json }
  | { readonly outcome: 'failed'; readonly error: string; readonly retryInMs?: number | null }
  | { readonly outcome: 'released'; readonly reason?: string }

/** Does the work of a task. */
export type WorkHandler = (held: HeldTask) => Promise<WorkOutcome>
