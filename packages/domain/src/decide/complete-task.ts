import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isSameJson, Json } from '@claimlog/codecs'
import { Seq, TaskId, WorkerName } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { ClaimNext, thenClaimNext } from './claims/claim-next.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Append, type Decided, oneEvent, type Unchanged } from './decision.ts'
import type { Refusal } from './refusal.ts'
import { standingOf } from './claims/holder.ts'

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
export const completeTask = (command: CompleteTask, state: State): Decided => {
  const completed = complete(command, state)
  return E.isLeft(completed) ? completed : E.right(thenClaimNext(state, command, completed.right))
}

const complete = (command: CompleteTask, state: State): E.Either<Refusal, Append | Unchanged> => {
  const standing = standingOf(state, command, 'completed')
  if (E.isLeft(standing)) return standing
  const { task } = standing.right
  const { result } = command
  if (standing.right.tag === 'Settled') {
    const { seq, worker, result: first } = standing.right.settlement
    return result === undefined || isSameJson(result, first)
      ? E.right(alreadySo(seq, task.id))
      : E.left({ error: 'task_finished', taskId: task.id, status: task.status, worker, otherResult: true })
  }
  const { worker, token } = standing.right.claim
  const stamp = stampOf(command, momentOf(state, command))
  return E.right(
    oneEvent(task.id, { seq: state.seq + 1, event: 'completed', worker, taskId: task.id, token, result, ...stamp }),
  )
}
