import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isSameJson, Json, nullable } from '@claimlog/codecs'
import { DurationMs, Seq, TaskId, WorkerName } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { isLive } from '../state/task.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, taskDecision } from './decision.ts'
import { authorizeHolder } from './claims/authorize-holder.ts'
import { computeLeaseEnd, effectiveLeaseMs, freeSlots } from './claims/claimable.ts'

/** The holder extends the lease to `leaseMs` from now (null: no end), and may report its progress. */
export const RenewClaim = commandCodec(
  'renew',
  { worker: WorkerName, task_id: TaskId },
  { token: Seq, lease_ms: nullable(DurationMs), progress: Json },
)
export type RenewClaim = t.TypeOf<typeof RenewClaim>

/**
 * Extends the lease, never shortens it. Refuses callers other than the holder. Also refuses an expired lease if
 * other claims have filled the kind since: renewing it would exceed the limit.
 */
export const renewClaim = (command: RenewClaim, state: State): DecisionResult => {
  const holderStatus = authorizeHolder(state, command)
  if (E.isLeft(holderStatus)) return holderStatus
  if (holderStatus.right._tag === 'Ended') return E.left({ error: 'not_claimed', taskId: command.taskId })
  const { task, claim } = holderStatus.right
  const now = decisionTime(state, command)
  const { limit } = state.table.rules(task.kind)
  if (limit !== undefined && !isLive(claim, now) && freeSlots(state, task.kind, now) === 0)
    return E.left({ error: 'kind_full', kind: task.kind, limit: limit.claims })
  const { progress } = command
  const requestedEnd = computeLeaseEnd(now, effectiveLeaseMs(state, task, command.leaseMs))
  const leaseUntil =
    claim.leaseUntil === null || (requestedEnd !== null && requestedEnd < claim.leaseUntil)
      ? claim.leaseUntil
      : requestedEnd
  if (leaseUntil === claim.leaseUntil && (progress === undefined || isSameJson(progress, claim.progress)))
    return E.right(unchanged(claim.token, task.id))
  const { worker, token } = claim
  const metadata = eventMetadata(command, now)
  return E.right(
    taskDecision(task.id, {
      seq: state.seq + 1,
      event: 'renewed',
      worker,
      taskId: task.id,
      token,
      leaseUntil,
      progress,
      ...metadata,
    }),
  )
}
