import * as E from 'fp-ts/lib/Either.js'
import type { LeaseHolder, Refusal } from '../refusal.ts'
import type { State } from '../../state/state.ts'
import type { Claim, ClaimEnd, Task } from '../../state/task.ts'
import type { TaskId, WorkerName } from '../../values/scalars.ts'

/** A claim as the caller refers to it: the task, the worker and, if known, the token. */
export type ClaimRef = { readonly taskId: TaskId; readonly worker: WorkerName; readonly token?: number }

/** The caller's claim, or its end if the caller repeats the command that ended it. */
export type HolderStatus =
  | { readonly _tag: 'Holds'; readonly task: Task; readonly claim: Claim }
  | { readonly _tag: 'Ended'; readonly task: Task; readonly claimEnd: ClaimEnd }

/**
 * Checks that the caller may renew or end the claim. A holder whose lease has expired still may, until another worker
 * claims the task. From then on the refusal is `lease_lost` with the new holder, even if that one has finished already.
 * `repeatedEnd`: repeating the command that ended the claim is not refused.
 */
export const authorizeHolder = (
  state: State,
  claimRef: ClaimRef,
  repeatedEnd?: ClaimEnd['event'],
): E.Either<Refusal, HolderStatus> => {
  const { taskId, worker, token } = claimRef
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const { claim, lastClaimEnd } = task

  if (claim !== undefined && claim.worker === worker && (token === undefined || token === claim.token))
    return E.right({ _tag: 'Holds', task, claim })
  if (
    claim === undefined &&
    lastClaimEnd !== undefined &&
    lastClaimEnd.event === repeatedEnd &&
    isSameClaim(lastClaimEnd, claimRef)
  )
    return E.right({ _tag: 'Ended', task, claimEnd: lastClaimEnd })

  const credentials = { worker, token }
  if (hasLostClaim(task, claimRef)) {
    if (task.status === 'cancelled') return E.left({ error: 'task_finished', taskId, status: task.status })
    if (task.hold !== undefined) return E.left({ error: 'task_held', taskId, hold: task.hold })
    return E.left({
      error: 'lease_lost',
      taskId,
      holder: findLastHolder(claim, lastClaimEnd),
      credentials,
      expired: findLostClaims(task, claimRef).length > 0,
    })
  }
  if (task.finished !== undefined)
    return E.left({ error: 'task_finished', taskId, status: task.status, worker: lastClaimEnd?.worker })
  if (claim === undefined) return E.left({ error: 'not_claimed', taskId })
  return E.left({ error: 'not_holder', taskId, claim, credentials })
}

/** The current or last holder of the task. */
const findLastHolder = (claim: Claim | undefined, lastClaimEnd: ClaimEnd | undefined): LeaseHolder | undefined =>
  claim !== undefined
    ? { worker: claim.worker, token: claim.token, leaseUntil: claim.leaseUntil }
    : lastClaimEnd && { worker: lastClaimEnd.worker, token: lastClaimEnd.token }

const isSameClaim = (lastClaimEnd: ClaimEnd, { worker, token }: ClaimRef): boolean =>
  lastClaimEnd.worker === worker && (token === undefined || token === lastClaimEnd.token)

/** The claims that the caller has lost, as far as the task remembers them. */
const findLostClaims = ({ lost = [] }: Task, { worker, token }: ClaimRef): ReadonlyArray<object> =>
  lost.filter(lostClaim => lostClaim.worker === worker && (token === undefined || token === lostClaim.token))

/**
 * True if another claim followed the caller's: the lost claim is remembered, or another worker has a newer token. A
 * token that is older than the caller's own latest claim and not remembered can be any number: a wrong token, not a
 * lost lease.
 */
const hasLostClaim = (task: Task, claimRef: ClaimRef): boolean => {
  const { worker, token } = claimRef
  const latest = task.claim ?? task.lastClaimEnd
  const isOtherWorker = latest !== undefined && latest.worker !== worker
  const isRemembered = findLostClaims(task, claimRef).length > 0
  if (token === undefined) return latest?.worker !== worker && isRemembered
  return isRemembered || (isOtherWorker && token < latest.token)
}
