import { deadAmong, openNeedsOf } from '../decide/claims/guards.ts'
import { allTasks } from '../queries/tasks.ts'
import type { State } from '../state/state.ts'
import type { Status, Task } from '../state/task.ts'
import { type ClaimView, claimView, type TaskView, taskView } from './task-view.ts'
import type { Kind, TaskId } from '../values/scalars.ts'

/** Which tasks to list; nothing said: all of them. */
export type ListQuery = { readonly kind?: Kind; readonly status?: Status }

/** A task with its claim beside it. `dead_needs` are those that failed or were cancelled: it waits for them in vain. */
export type ListedTask = TaskView & { readonly claim?: ClaimView; readonly dead_needs?: ReadonlyArray<TaskId> }

export type ListView = {
  readonly tasks: ReadonlyArray<ListedTask>
  readonly seq: number
}

/** The tasks in the order they were added, each with its claim beside it. */
export const listView = (state: State, { kind, status }: ListQuery): ListView => ({
  tasks: allTasks(state)
    .filter(task => (kind === undefined || task.kind === kind) && (status === undefined || task.status === status))
    .map(task => listed(state, task)),
  seq: state.seq,
})

const listed = (state: State, task: Task): ListedTask => {
  const view = taskView(task, state.clock)
  if (task.claim !== undefined) return { ...view, claim: claimView(task.claim, state.clock) }
  const dead = task.status === 'blocked' ? deadAmong(state, openNeedsOf(state, task)) : []
  return dead.length === 0 ? view : { ...view, dead_needs: dead }
}
