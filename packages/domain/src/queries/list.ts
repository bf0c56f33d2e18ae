import { deadAmong, openNeedsOf } from '../decide/claims/guards.ts'
import type { Kind, TaskId } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { allTasks } from './tasks.ts'
import type { Status, Task } from '../state/task.ts'

/** Which tasks to list; nothing said: all of them. */
export type ListQuery = { readonly kind?: Kind; readonly status?: Status }

/** A task, and those of its needs that failed or were cancelled: it waits for them in vain. Not told of a claimed one. */
export type TaskWithDeadNeeds = { readonly task: Task; readonly deadNeeds: ReadonlyArray<TaskId> }

/** The tasks that `query` asks for, in the order they were added. */
export const listTasks = (state: State, { kind, status }: ListQuery): ReadonlyArray<TaskWithDeadNeeds> =>
  allTasks(state)
    .filter(task => (kind === undefined || task.kind === kind) && (status === undefined || task.status === status))
    .map(task => ({ task, deadNeeds: deadNeedsOf(state, task) }))

const deadNeedsOf = (state: State, task: Task): ReadonlyArray<TaskId> =>
  task.status === 'blocked' && task.claim === undefined ? deadAmong(state, openNeedsOf(state, task)) : []
