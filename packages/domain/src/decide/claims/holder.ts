import * as E from 'fp-ts/lib/Either.js'
import type { Holder, Refusal } from '../refusal.ts'
import type { State } from '../../state/state.ts'
import type { Claim, Settlement, Task } from '../../state/task.ts'
import type { TaskId, WorkerName } from '../../values/scalars.ts'

/** Who speaks of a claim: its worker and, where they know it, its token. */
export type Speaker = { readonly taskId: TaskId; readonly worker: WorkerName; readonly token?: number }

/** The claim that a speaker holds, or the settlement by which they ended it with the same words before. */
export type Standing =
  | { readonly tag: 'Holds'; readonly task: Task; readonly claim: Claim }
  | { readonly tag: 'Settled'; readonly task: Task; readonly settlement: Settlement }

/**
 * Whether the speaker may renew or settle the claim. A holder whose lease has ended still may, until somebody else
 * has claimed the task: then they are refused with `lease_lost`, naming the new holder, even when that one has
 * finished already. `repeating`: saying once more what ended the claim is no refusal.
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

/** Who has, or last had, the task. */
const holderOf = (claim: Claim | undefined, settled: Settlement | undefined): Holder | undefined =>
  claim !== undefined
    ? { worker: claim.worker, token: claim.token, leaseUntil: claim.leaseUntil }
    : settled && { worker: settled.worker, token: settled.token }

const isBy = (settled: Settlement, { worker, token }: Speaker): boolean =>
  settled.worker === worker && (token === undefined || token === settled.token)

/** The claims of the speaker that ended without a word from them, as far as they are remembered. */
const lostBy = ({ lost = [] }: Task, { worker, token }: Speaker): ReadonlyArray<object> =>
  lost.filter(past => past.worker === worker && (token === undefined || token === past.token))

/**
 * The task has been claimed since: the speaker is remembered, or somebody else's token is newer. A token that is older than
 * the speaker's own latest claim and not remembered may be any number: that is no lost lease, but a wrong token.
 */
const hasLost = (task: Task, speaker: Speaker): boolean => {
  const { worker, token } = speaker
  const latest = task.claim ?? task.settled
  const isOthers = latest !== undefined && latest.worker !== worker
  const isRemembered = lostBy(task, speaker).length > 0
  if (token === undefined) return latest?.worker !== worker && isRemembered
  return isRemembered || (isOthers && token < latest.token)
}
