import type { TaskId } from './names.ts'
import { indexEntries } from './state.ts'
import type { Place, Table } from './table.ts'
import type { Status, Task } from './task.ts'

/** Puts a task's new record in place of the old one and moves it between indices. */
export const replace = (table: Table, before: Task | undefined, changed: Task): void => {
  const status = changed.finished === undefined ? openStatus(changed) : changed.status
  const after = status === changed.status ? changed : { ...changed, status }
  const from = before === undefined ? [] : indexEntries(before)
  const to = indexEntries(after)
  for (const place of from) if (!to.some(other => isSamePlace(place, other))) table.delete(place)
  for (const place of to) if (!from.some(other => isSamePlace(place, other))) table.insert(place, after.id)
  table.put(after)
}

const isSamePlace = (a: Place, b: Place): boolean =>
  a.index === b.index && a.rank === b.rank && a.partition === b.partition && a.seq === b.seq

const openStatus = (task: Task): Status => (task.hold !== undefined || task.openNeeds > 0 ? 'blocked' : 'ready')

/** Replaces the task `id` by what `changed` makes of it; nothing where there is no such task. */
export const change = (table: Table, id: TaskId, changed: (task: Task) => Task): void => {
  const task = table.get(id)
  if (task !== undefined) replace(table, task, changed(task))
}
