import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Decided, oneEvent } from './decision.ts'
import { TaskId } from '../values/scalars.ts'

/** Removes the hold of a task. */
export const UnholdTask = commandCodec('unhold', { task_id: TaskId }, { reason: Text })
export type UnholdTask = t.TypeOf<typeof UnholdTask>

/** A task that is not on hold stays as it is. */
export const unholdTask = (command: UnholdTask, state: State): Decided => {
  const { taskId, reason } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  if (task.hold === undefined) return E.right(alreadySo(state.seq, taskId))
  const time = momentOf(state, command)
  return E.right(oneEvent(taskId, { seq: state.seq + 1, event: 'unheld', taskId, reason, ...stampOf(command, time) }))
}
