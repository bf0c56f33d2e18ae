import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isSameJson } from '../json.ts'
import { Kind, TaskId } from '../names.ts'
import { closedRecord } from '../record.ts'
import type { State } from '../state.ts'
import { taskFields } from '../task-fields.ts'
import { commandCodec } from './command-codec.ts'
import { type Decided, givenBy, momentOf } from './decision.ts'
import { batchOn } from './batch.ts'
import { findNeedsProblem } from './needs.ts'

/** A task as a caller describes it. Without an id it gets one: `<kind>-<seq>`. */
export const NewTask = closedRecord('task', { kind: Kind }, { task_id: TaskId, ...taskFields })
export type NewTask = t.TypeOf<typeof NewTask>

/** Adds tasks, all or none. They may need one another in any order. */
export const AddTasks = commandCodec('add', { tasks: t.readonlyArray(NewTask) }, {})
export type AddTasks = t.TypeOf<typeof AddTasks>

/**
 * A task that is there already, word for word or under the same key, is not added again and answers as it stands.
 * Refuses a different task under a taken id, a need that does not exist, and needs that run in a circle.
 */
export const addTasks = (state: State, command: AddTasks): Decided => {
  const batch = batchOn(state, { ...givenBy(command), time: momentOf(state, command) })
  const taskIds: Array<TaskId> = []
  let seq = 0
  for (const task of command.tasks) {
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
  return problem === undefined ? E.right({ events: batch.added, taskIds, seq }) : E.left(problem)
}

/** The fields, as files spell them, in which a task that is there differs from one that is to be added. */
export const differingFields = (existing: NewTask, task: NewTask): ReadonlyArray<string> => {
  const was = NewTask.encode(existing)
  const wanted = NewTask.encode(task)
  return NewTask.wireNames().filter(name => name !== 'task_id' && !isSameJson(was[name], wanted[name]))
}
