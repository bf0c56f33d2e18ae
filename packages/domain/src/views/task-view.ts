import type { Json } from '@claimlog/codecs'
import { type LogClock, onWallClock } from '../time/clock.ts'
import type { Label, TaskId, Time, WorkerName } from '../values/scalars.ts'
import type { Claim, Status, Task } from '../state/task.ts'

/**
 * A task as every output shows it, in the spelling of files; a field only where it has a value. A claimed task's
 * status stays `ready`: whoever shows it shows its claim beside it.
 */
export type TaskView = {
  readonly id: TaskId
  readonly kind: string
  readonly status: Status
  readonly title?: string
  readonly payload?: Json
  readonly needs?: ReadonlyArray<TaskId>
  readonly priority?: number
  readonly not_before?: Time
  readonly max_attempts?: number
  readonly backoff?: { readonly first_ms: number; readonly max_ms: number }
  readonly lease_ms?: number | null
  readonly key?: Label
  readonly tags?: ReadonlyArray<Label>
  readonly hold?: { readonly since: Time; readonly reason?: string; readonly by?: Label }
  readonly error?: string
  readonly retry_at?: Time
  readonly result?: Json
}

/** A claim as every output shows it; times as on the line, no clock. */
export type ClaimView = {
  readonly worker: WorkerName
  readonly token: number
  readonly attempt: number
  readonly claimed_at: Time
  readonly lease_until: Time | null
  readonly progress?: Json
}

/** A task, with its moments as a wall clock shows them that fits `clock`. */
export const taskView = (task: Task, clock: LogClock): TaskView => {
  const { spec, hold, settled } = task
  return defined({
    id: task.id,
    kind: task.kind,
    status: task.status,
    title: spec.title,
    payload: spec.payload,
    needs: spec.needs,
    priority: spec.priority,
    not_before: onWallClock(spec.notBefore, clock),
    max_attempts: spec.maxAttempts,
    backoff: spec.backoff === undefined ? undefined : { first_ms: spec.backoff.firstMs, max_ms: spec.backoff.maxMs },
    lease_ms: spec.leaseMs,
    key: spec.key,
    tags: spec.tags,
    hold:
      hold === undefined
        ? undefined
        : defined({ since: onWallClock(hold.time, clock), reason: hold.reason, by: hold.by }),
    error: settled?.error,
    retry_at:
      task.claim === undefined && task.finished === undefined
        ? onWallClock(settled?.retryAt ?? undefined, clock)
        : undefined,
    result: settled?.result,
  })
}

/** A claim, with its moments as a wall clock shows them that fits `clock`. */
export const claimView = (claim: Claim, clock: LogClock): ClaimView =>
  defined({
    worker: claim.worker,
    token: claim.token,
    attempt: claim.attempt,
    claimed_at: onWallClock(claim.claimedAt, clock),
    lease_until: onWallClock(claim.leaseUntil, clock),
    progress: claim.progress,
  })

/** The object without the fields that have no value. */
export const defined = <A extends object>(fields: A): A => {
  const kept: Partial<A> = {}
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name]
  return kept as A
}
