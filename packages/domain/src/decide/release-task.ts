import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { Seq, TaskId, WorkerName } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, taskDecision } from './decision.ts'
import { authorizeHolder } from './claims/authorize-holder.ts'

/** The holder releases the task without using an attempt. */
export const ReleaseTask = commandCodec(
  'release',
  { worker: WorkerName, task_id: TaskId },
  { token: Seq, reason: Text },
)
export type ReleaseTask = t.TypeOf<typeof ReleaseTask>

/** Makes the task ready again; the attempt does not count. */
export const releaseTask = (command: ReleaseTask, state: State): DecisionResult => {
  const holderStatus = authorizeHolder(state, command, 'released')
  if (E.isLeft(holderStatus)) return holderStatus
  const { task } = holderStatus.right
  if (holderStatus.right._tag === 'Ended') return E.right(unchanged(holderStatus.right.claimEnd.seq, task.id))
  const { worker, token } = holderStatus.right.claim
  const { reason } = command
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(
    taskDecision(task.id, {
      seq: state.seq + 1,
      event: 'released',
      worker,
      taskId: task.id,
      token,
      reason,
      ...metadata,
    }),
  )
}
