import type { TaskId } from '../values/names.ts'
import { openPlace, standingPlace } from '../state/state.ts'
import type { Place, Table } from '../state/table.ts'
import type { Status, Task } from '../state/task.ts'
import { withoutClaim } from './transitions.ts'

/**
 * Puts a task's new record in place of the old one and moves it between indices. An open task is `blocked` or `ready`
 * by what else the record says; whoever had one that is blocked now has lost it.
 */
export const replace = (table: Table, before: Task | undefined, changed: Task): void => {
  const after = changed.finished === undefined ? open(changed) : changed
  const wasOpen = before !== undefined && before.finished === undefined
  const isOpen = after.finished === undefined
  if (wasOpen && !isOpen) table.delete(openPlace(after))
  if (isOpen && !wasOpen) table.insert(openPlace(after), after.id)
  const from = before === undefined ? undefined : standingPlace(before)
  const to = standingPlace(after)
  if (from === undefined) table.insert(to, after.id)
  else if (!isSamePlace(from, to)) {
    table.delete(from)
    table.insert(to, after.id)
  }
  table.put(after)
}

const isSamePlace = (a: Place, b: Place): boolean =>
  a.index === b.index && a.rank === b.rank && a.partition === b.partition && a.seq === b.seq

const open = (task: Task): Task => {
  const status: Status = task.hold !== undefined || task.openNeeds > 0 ? 'blocked' : 'ready'
  const kept = status === 'blocked' && task.claim !== undefined ? { ...withoutClaim(task), dueAt: task.dueAt } : task
  return status === kept.status ? kept : { ...kept, status }
}

/** Replaces the task `id` by what `changed` makes of it; nothing where there is no such task. */
export const change = (table: Table, id: TaskId, changed: (task: Task) => Task): void => {
  const task = table.get(id)
  if (task !== undefined) replace(table, task, changed(task))
}
