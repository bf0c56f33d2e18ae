import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import { DelayMs, type TaskId, type Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { startBatch } from './tasks/batch.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { type DecisionResult, appendOrUnchanged } from './decision.ts'
import { checkNewNeeds } from './tasks/needs.ts'
import { findDifferences, NewTask } from './tasks/new-task.ts'
import { addMs } from '../time/clock.ts'

/**
 * Adds tasks, all or none. They may depend on each other in any order. `delayMs`: tasks without `notBefore` are not due
 * until that much later.
 */
export const AddTasks = commandCodec('add', { tasks: listCodec(NewTask, 'a list of tasks') }, { delay_ms: DelayMs })
export type AddTasks = t.TypeOf<typeof AddTasks>

/**
 * A task that exists already, with the same fields or under the same key, is not added again and is returned as it is.
 * Refuses a different task with an existing id, a dependency that does not exist, and a cycle of dependencies.
 */
export const addTasks = (command: AddTasks, state: State): DecisionResult => {
  const { delayMs } = command
  const time = decisionTime(state, command)
  const tasks = delayMs === undefined ? command.tasks : command.tasks.map(task => withDelay(task, addMs(time, delayMs)))
  const batch = startBatch(state, eventMetadata(command, time), tasks)
  const taskIds: Array<TaskId> = []
  let seq = tasks.length === 0 ? state.seq : 0
  for (const task of tasks) {
    const existing = batch.find(task)
    if (existing !== undefined && existing.taskId === task.taskId) {
      const fields = findDifferences(existing, task)
      if (fields.length > 0) return E.left({ error: 'task_exists', taskId: existing.taskId, fields })
    }
    const { taskId, seq: existingSeq } = existing ?? batch.add(task)
    taskIds.push(taskId)
    seq = Math.max(seq, existingSeq)
  }
  const refusal = checkNewNeeds(state, batch.added)
  return refusal === undefined ? E.right(appendOrUnchanged(batch.added, taskIds, seq)) : E.left(refusal)
}

const withDelay = (task: NewTask, notBefore: Time): NewTask => ({ ...task, notBefore: task.notBefore ?? notBefore })
