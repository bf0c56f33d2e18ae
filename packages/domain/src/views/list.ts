import type { Kind } from '../names.ts'
import { allTasks, type State } from '../state.ts'
import type { Status } from '../task.ts'
import { type ClaimView, claimView, type TaskView, taskView } from './task-view.ts'

/** Which tasks to list; nothing said: all of them. */
export type ListQuery = { readonly kind?: Kind; readonly status?: Status }

export type ListView = {
  readonly tasks: ReadonlyArray<TaskView & { readonly claim?: ClaimView }>
  readonly seq: number
}

/** The tasks in the order they were added, each with its claim beside it. */
export const listView = (state: State, { kind, status }: ListQuery): ListView => ({
  tasks: allTasks(state)
    .filter(task => (kind === undefined || task.kind === kind) && (status === undefined || task.status === status))
    .map(task => (task.claim === undefined ? taskView(task) : { ...taskView(task), claim: claimView(task.claim) })),
  seq: state.seq,
})
