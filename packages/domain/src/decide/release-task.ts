import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { Seq, TaskId, WorkerName } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Decided, oneEvent } from './decision.ts'
import { standingOf } from './claims/holder.ts'

/** The holder releases the task without using an attempt. */
export const ReleaseTask = commandCodec(
  'release',
  { worker: WorkerName, task_id: TaskId },
  { token: Seq, reason: Text },
)
export type ReleaseTask = t.TypeOf<typeof ReleaseTask>

/** Makes the task ready again; the attempt does not count. */
export const releaseTask = (command: ReleaseTask, state: State): Decided => {
  const standing = standingOf(state, command, 'released')
  if (E.isLeft(standing)) return standing
  const { task } = standing.right
  if (standing.right.tag === 'Settled') return E.right(alreadySo(standing.right.settlement.seq, task.id))
  const { worker, token } = standing.right.claim
  const { reason } = command
  const stamp = stampOf(command, momentOf(state, command))
  return E.right(
    oneEvent(task.id, { seq: state.seq + 1, event: 'released', worker, taskId: task.id, token, reason, ...stamp }),
  )
}
