import * as E from 'fp-ts/lib/Either.js'
import type { Holder, Refusal } from '../refusal.ts'
import type { State } from '../../state/state.ts'
import type { Claim, Settlement, Task } from '../../state/task.ts'
import type { TaskId, WorkerName } from '../../values/scalars.ts'

/** A claim as the caller refers to it: the task, the worker and, if known, the token. */
export type Speaker = { readonly taskId: TaskId; readonly worker: WorkerName; readonly token?: number }

/** The caller's claim, or its end if the caller repeats the command that ended it. */
export type Standing =
  | { readonly tag: 'Holds'; readonly task: Task; readonly claim: Claim }
  | { readonly tag: 'Settled'; readonly task: Task; readonly settlement: Settlement }

/**
 * Checks that the caller may renew or end the claim. A holder whose lease has expired still may, until another worker
 * claims the task. From then on the refusal is `lease_lost` with the new holder, even if that one has finished already.
 * `repeatedEnd`: repeating the command that ended the claim is not refused.
 */
export const standingOf = (
  state: State,
  speaker: Speaker,
  repeating?: Settlement['event'],
): E.Either<Refusal, Standing> => {
  const { taskId, worker, token } = speaker
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const { claim, settled } = task

  if (claim !== undefined && claim.worker === worker && (token === undefined || token === claim.token))
    return E.right({ tag: 'Holds', task, claim })
  if (claim === undefined && settled !== undefined && settled.event === repeating && isBy(settled, speaker))
    return E.right({ tag: 'Settled', task, settlement: settled })

  const named = { worker, token }
  if (hasLost(task, speaker)) {
    if (task.status === 'cancelled') return E.left({ error: 'task_finished', taskId, status: task.status })
    if (task.hold !== undefined) return E.left({ error: 'task_held', taskId, hold: task.hold })
    return E.left({
      error: 'lease_lost',
      taskId,
      holder: holderOf(claim, settled),
      speaker: named,
      lapsed: lostBy(task, speaker).length > 0,
    })
  }
  if (task.finished !== undefined)
    return E.left({ error: 'task_finished', taskId, status: task.status, worker: settled?.worker })
  if (claim === undefined) return E.left({ error: 'not_claimed', taskId })
  return E.left({ error: 'not_holder', taskId, claim, speaker: named })
}

/** The current or last holder of the task. */
const holderOf = (claim: Claim | undefined, settled: Settlement | undefined): Holder | undefined =>
  claim !== undefined
    ? { worker: claim.worker, token: claim.token, leaseUntil: claim.leaseUntil }
    : settled && { worker: settled.worker, token: settled.token }

const isBy = (settled: Settlement, { worker, token }: Speaker): boolean =>
  settled.worker === worker && (token === undefined || token === settled.token)

/** The claims that the caller has lost, as far as the task remembers them. */
const lostBy = ({ lost = [] }: Task, { worker, token }: Speaker): ReadonlyArray<object> =>
  lost.filter(past => past.worker === worker && (token === undefined || token === past.token))

/**
 * True if another claim followed the caller's: the lost claim is remembered, or another worker has a newer token. A
 * token that is older than the caller's own latest claim and not remembered can be any number: a wrong token, not a
 * lost lease.
 */
const hasLost = (task: Task, speaker: Speaker): boolean => {
  const { worker, token } = speaker
  const latest = task.claim ?? task.settled
  const isOthers = latest !== undefined && latest.worker !== worker
  const isRemembered = lostBy(task, speaker).length > 0
  if (token === undefined) return latest?.worker !== worker && isRemembered
  return isRemembered || (isOthers && token < latest.token)
}
