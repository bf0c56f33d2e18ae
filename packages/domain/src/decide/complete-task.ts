import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isSameJson, Json } from '@claimlog/codecs'
import { Seq, TaskId, WorkerName } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { ClaimNext, addNextClaim } from './claims/claim-next.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type Append, type DecisionResult, taskDecision, type Unchanged } from './decision.ts'
import type { Refusal } from './refusal.ts'
import { authorizeHolder } from './claims/authorize-holder.ts'

/** The holder completes the task, with an optional result, and may claim the next one in the same decision. */
export const CompleteTask = commandCodec(
  'complete',
  { worker: WorkerName, task_id: TaskId },
  { token: Seq, result: Json, claim_next: ClaimNext },
)
export type CompleteTask = t.TypeOf<typeof CompleteTask>

/**
 * Completes the task. Completing it again changes nothing, but is refused with another result: the first one stays. A
 * refusal claims nothing.
 */
export const completeTask = (command: CompleteTask, state: State): DecisionResult => {
  const completed = complete(command, state)
  return E.isLeft(completed) ? completed : E.right(addNextClaim(state, command, completed.right))
}

const complete = (command: CompleteTask, state: State): E.Either<Refusal, Append | Unchanged> => {
  const holderStatus = authorizeHolder(state, command, 'completed')
  if (E.isLeft(holderStatus)) return holderStatus
  const { task } = holderStatus.right
  const { result } = command
  if (holderStatus.right._tag === 'Ended') {
    const { seq, worker, result: firstResult } = holderStatus.right.claimEnd
    return result === undefined || isSameJson(result, firstResult)
      ? E.right(unchanged(seq, task.id))
      : E.left({ error: 'task_finished', taskId: task.id, status: task.status, worker, otherResult: true })
  }
  const { worker, token } = holderStatus.right.claim
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(
    taskDecision(task.id, {
      seq: state.seq + 1,
      event: 'completed',
      worker,
      taskId: task.id,
      token,
      result,
      ...metadata,
    }),
  )
}
