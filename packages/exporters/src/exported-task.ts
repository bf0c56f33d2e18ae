import {
  type ListQuery,
  type ShowView,
  showView,
  type State,
  type Task,
  tasksByAge,
  type TaskView,
} from '@claimlog/domain'

/** All that is known of a task, as one record: what `show` tells, the task's own fields first. */
export type ExportedTask = TaskView & Omit<ShowView, 'task' | 'seq'>

/** A task as it is exported. */
export const exportedTask = (state: State, { id }: Task): ExportedTask => {
  const shown = showView(state, id)
  if (shown._tag === 'Left') throw new Error(`the task ${id} is in the table and cannot be shown`)
  const { task, seq: _seq, ...more } = shown.right
  return { ...task, ...more }
}

/** The tasks that `query` asks for, oldest first. */
export const tasksOf = function* (state: State, { kind, status }: ListQuery): Generator<Task> {
  for (const task of tasksByAge(state))
    if ((kind === undefined || task.kind === kind) && (status === undefined || task.status === status)) yield task
}
