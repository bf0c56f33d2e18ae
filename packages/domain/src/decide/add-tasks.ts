import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { DelayMs, type TaskId, type Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { batchOn } from './tasks/batch.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { type Decided, someEvents } from './decision.ts'
import { findNeedsProblem } from './tasks/needs.ts'
import { differingFields, NewTask } from './tasks/new-task.ts'
import { after } from '../time/clock.ts'

/**
 * Adds tasks, all or none. They may depend on each other in any order. `delayMs`: tasks without `notBefore` are not due
 * until that much later.
 */
export const AddTasks = commandCodec('add', { tasks: listOf(NewTask, 'a list of tasks') }, { delay_ms: DelayMs })
export type AddTasks = t.TypeOf<typeof AddTasks>

/**
 * A task that exists already, with the same fields or under the same key, is not added again and is returned as it is.
 * Refuses a different task with an existing id, a dependency that does not exist, and a cycle of dependencies.
 */
export const addTasks = (command: AddTasks, state: State): Decided => {
  const { delayMs } = command
  const time = momentOf(state, command)
  const tasks = delayMs === undefined ? command.tasks : command.tasks.map(task => delayed(task, after(time, delayMs)))
  const batch = batchOn(state, stampOf(command, time), tasks)
  const taskIds: Array<TaskId> = []
  let seq = tasks.length === 0 ? state.seq : 0
  for (const task of tasks) {
    const existing = batch.find(task)
    if (existing !== undefined && existing.taskId === task.taskId) {
      const fields = differingFields(existing, task)
      if (fields.length > 0) return E.left({ error: 'task_exists', taskId: existing.taskId, fields })
    }
    const { taskId, seq: madeSoBy } = existing ?? batch.add(task)
    taskIds.push(taskId)
    seq = Math.max(seq, madeSoBy)
  }
  const problem = findNeedsProblem(state, batch.added)
  return problem === undefined ? E.right(someEvents(batch.added, taskIds, seq)) : E.left(problem)
}

const delayed = (task: NewTask, until: Time): NewTask => ({ ...task, notBefore: task.notBefore ?? until })
