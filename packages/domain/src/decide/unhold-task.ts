import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, taskDecision } from './decision.ts'
import { TaskId } from '../values/scalars.ts'

/** Removes the hold of a task. */
export const UnholdTask = commandCodec('unhold', { task_id: TaskId }, { reason: Text })
export type UnholdTask = t.TypeOf<typeof UnholdTask>

/** A task that is not on hold stays as it is. */
export const unholdTask = (command: UnholdTask, state: State): DecisionResult => {
  const { taskId, reason } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  if (task.hold === undefined) return E.right(unchanged(state.seq, taskId))
  const time = decisionTime(state, command)
  return E.right(
    taskDecision(taskId, { seq: state.seq + 1, event: 'unheld', taskId, reason, ...eventMetadata(command, time) }),
  )
}
