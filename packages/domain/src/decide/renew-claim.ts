import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isSameJson, Json, orNull } from '@claimlog/codecs'
import { DurationMs, Seq, TaskId, WorkerName } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { isLive } from '../state/task.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Decided, oneEvent } from './decision.ts'
import { standingOf } from './claims/holder.ts'
import { leaseEnd, leaseFor, roomIn } from './claims/claimable.ts'

/** The holder extends the lease to `leaseMs` from now (null: no end), and may report its progress. */
export const RenewClaim = commandCodec(
  'renew',
  { worker: WorkerName, task_id: TaskId },
  { token: Seq, lease_ms: orNull(DurationMs), progress: Json },
)
export type RenewClaim = t.TypeOf<typeof RenewClaim>

/**
 * Extends the lease, never shortens it. Refuses callers other than the holder. Also refuses an expired lease if
 * other claims have filled the kind since: renewing it would exceed the limit.
 */
export const renewClaim = (command: RenewClaim, state: State): Decided => {
  const standing = standingOf(state, command)
  if (E.isLeft(standing)) return standing
  if (standing.right.tag === 'Settled') return E.left({ error: 'not_claimed', taskId: command.taskId })
  const { task, claim } = standing.right
  const now = momentOf(state, command)
  const { limit } = state.table.rules(task.kind)
  if (limit !== undefined && !isLive(claim, now) && roomIn(state, task.kind, now) === 0)
    return E.left({ error: 'kind_full', kind: task.kind, limit: limit.claims })
  const { progress } = command
  const asked = leaseEnd(now, leaseFor(state, task, command.leaseMs))
  const leaseUntil =
    claim.leaseUntil === null || (asked !== null && asked < claim.leaseUntil) ? claim.leaseUntil : asked
  if (leaseUntil === claim.leaseUntil && (progress === undefined || isSameJson(progress, claim.progress)))
    return E.right(alreadySo(claim.token, task.id))
  const { worker, token } = claim
  const stamp = stampOf(command, now)
  return E.right(
    oneEvent(task.id, {
      seq: state.seq + 1,
      event: 'renewed',
      worker,
      taskId: task.id,
      token,
      leaseUntil,
      progress,
      ...stamp,
    }),
  )
}
