import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { isLive } from '../state/task.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, taskDecision } from './decision.ts'
import { isExhausted } from './claims/claimable.ts'
import { TaskId } from '../values/scalars.ts'

/** Puts a task on hold. */
export const HoldTask = commandCodec('hold', { task_id: TaskId }, { reason: Text })
export type HoldTask = t.TypeOf<typeof HoldTask>

/** Blocks the task until `unhold`. Refuses a task that is claimed or finished. */
export const holdTask = (command: HoldTask, state: State): DecisionResult => {
  const { taskId, reason } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  if (task.finished !== undefined)
    return E.left({ error: 'task_finished', taskId, status: task.status, worker: task.lastClaimEnd?.worker })
  if (task.hold !== undefined) return E.right(unchanged(task.hold.seq, taskId))
  const time = decisionTime(state, command)
  if (task.claim !== undefined && isLive(task.claim, time))
    return E.left({ error: 'already_claimed', taskId, claim: task.claim })
  if (isExhausted(state, task)) return E.left({ error: 'attempts_used_up', taskId, attempts: task.attempts })
  return E.right(
    taskDecision(taskId, { seq: state.seq + 1, event: 'held', taskId, reason, ...eventMetadata(command, time) }),
  )
}
