import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, taskDecision } from './decision.ts'
import { TaskId } from '../values/scalars.ts'

/** Cancels a task that is not finished. */
export const CancelTask = commandCodec('cancel', { task_id: TaskId }, { reason: Text })
export type CancelTask = t.TypeOf<typeof CancelTask>

/**
 * Cancels the task even if it is claimed; its holder is refused from then on. Refuses a task that is done or failed.
 */
export const cancelTask = (command: CancelTask, state: State): DecisionResult => {
  const { taskId, reason } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const { finished, status } = task
  if (finished !== undefined)
    return status === 'cancelled'
      ? E.right(unchanged(finished.seq, taskId))
      : E.left({ error: 'task_finished', taskId, status, worker: task.lastClaimEnd?.worker })
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(taskDecision(taskId, { seq: state.seq + 1, event: 'cancelled', taskId, reason, ...metadata }))
}
