import { type Claim, type LogClock, toWallTime, type Task } from '@claimlog/domain'
import { omitUndefined } from '@claimlog/codecs'
import type { TaskWithClaim } from '../documents/command-output.ts'
import type { ClaimView, TaskView } from '../documents/task.ts'

/** Converts a task, with times on the wall clock of `clock`. */
export const taskView = (task: Task, clock: LogClock): TaskView => {
  const { spec, hold, lastClaimEnd } = task
  return omitUndefined({
    id: task.id,
    kind: task.kind,
    status: task.status,
    title: spec.title,
    payload: spec.payload,
    needs: spec.needs,
    priority: spec.priority,
    notBefore: toWallTime(spec.notBefore, clock),
    maxAttempts: spec.maxAttempts,
    backoff: spec.backoff === undefined ? undefined : { firstMs: spec.backoff.firstMs, maxMs: spec.backoff.maxMs },
    leaseMs: spec.leaseMs,
    key: spec.key,
    tags: spec.tags,
    hold:
      hold === undefined
        ? undefined
        : omitUndefined({ since: toWallTime(hold.time, clock), reason: hold.reason, by: hold.by }),
    error: lastClaimEnd?.error,
    retryAt:
      task.claim === undefined && task.finished === undefined
        ? toWallTime(lastClaimEnd?.retryAt ?? undefined, clock)
        : undefined,
    result: lastClaimEnd?.result,
  })
}

/** Converts a task together with its claim, if it has one. */
export const taskWithClaim = (task: Task, clock: LogClock): TaskWithClaim =>
  task.claim === undefined
    ? { task: taskView(task, clock) }
    : { task: taskView(task, clock), claim: claimView(task.claim, clock) }

/** Converts a claim, with times on the wall clock of `clock`. */
export const claimView = (claim: Claim, clock: LogClock): ClaimView =>
  omitUndefined({
    worker: claim.worker,
    token: claim.token,
    attempt: claim.attempt,
    claimedAt: toWallTime(claim.claimedAt, clock),
    leaseUntil: toWallTime(claim.leaseUntil, clock),
    progress: claim.progress,
  })
