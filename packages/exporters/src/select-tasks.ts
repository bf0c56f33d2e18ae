import { type ListQuery, type State, type Task, tasksByAge } from '@claimlog/domain'

/** The tasks that match `query`, oldest first. */
export const selectTasks = function* (state: State, { kind, status }: ListQuery): Generator<Task> {
  for (const task of tasksByAge(state))
    if ((kind === undefined || task.kind === kind) && (status === undefined || task.status === status)) yield task
}
