import type { Kind, Label, TaskId, WorkerName } from '../values/names.ts'
import type { Time } from '../values/scalars.ts'
import type { Status } from '../state/task.ts'

/**
 * One thing that stands in the way of claiming a task. `seq` is the event that put it there, and `since` when; what
 * would take it away is said by `clears`.
 */
export type Guard = { readonly seq: number; readonly since: Time; readonly clears: ReadonlyArray<Clearing> } & (
  | { readonly guard: 'finished'; readonly status: Status; readonly worker?: WorkerName; readonly reason?: string }
  | { readonly guard: 'held'; readonly reason?: string; readonly by?: Label }
  | { readonly guard: 'need'; readonly need: TaskId; readonly status: Status; readonly worker?: WorkerName }
  | { readonly guard: 'claimed'; readonly worker: WorkerName; readonly token: number; readonly until: Time | null }
  | { readonly guard: 'attempts'; readonly attempts: number }
  | { readonly guard: 'not_due'; readonly until: Time; readonly waitsFor: 'not_before' | 'retry' }
  | { readonly guard: 'paused'; readonly kind: Kind; readonly reason?: string; readonly by?: Label }
  | { readonly guard: 'full'; readonly kind: Kind; readonly limit: number; readonly until: Time | undefined }
)

/** What takes a guard away: a moment that comes by itself, or an event that somebody brings about. */
export type Clearing =
  | { readonly at: Time }
  | {
      readonly event: 'completed' | 'released' | 'retried' | 'unheld' | 'amended'
      readonly taskId: TaskId
    }
  | { readonly event: 'resumed' | 'limited'; readonly kind: Kind }
