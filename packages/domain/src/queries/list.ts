import { listDeadNeeds, listOpenNeeds } from '../decide/claims/guards.ts'
import type { Kind, TaskId } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { allTasks } from './tasks.ts'
import type { Status, Task } from '../state/task.ts'

/** A filter for the list of tasks; empty: all of them. */
export type ListQuery = { readonly kind?: Kind; readonly status?: Status }

/** A task and its dependencies that failed or were cancelled, which keep it blocked. Empty for a claimed task. */
export type TaskWithDeadNeeds = { readonly task: Task; readonly deadNeeds: ReadonlyArray<TaskId> }

/** Lists the tasks that match the query, in the order in which they were added. */
export const listTasks = (state: State, { kind, status }: ListQuery): ReadonlyArray<TaskWithDeadNeeds> =>
  allTasks(state)
    .filter(task => (kind === undefined || task.kind === kind) && (status === undefined || task.status === status))
    .map(task => ({ task, deadNeeds: findDeadNeeds(state, task) }))

const findDeadNeeds = (state: State, task: Task): ReadonlyArray<TaskId> =>
  task.status === 'blocked' && task.claim === undefined ? listDeadNeeds(state, listOpenNeeds(state, task)) : []
