import type { RequestEvents } from '../state/table.ts'
import { type State, getTask } from '../state/state.ts'
import type { Task } from '../state/task.ts'
import type { Label, TaskId } from '../values/scalars.ts'

/** The events of a request id; undefined if no event has it. */
export const findRequest = ({ table }: State, id: Label): RequestEvents | undefined => table.request(id)

/** The unfinished tasks, oldest first. */
export const openTaskIds = ({ table }: State): Iterable<TaskId> => table.range('open', '')

/** The tasks that are done, failed or cancelled, the last finished first. */
export const finishedTaskIds = ({ table }: State): Iterable<TaskId> => table.reverseRange('finished', '')

/** The tasks that can be claimed, as of the last claim: kind by kind, each kind in claim order. */
export const readyTaskIds = function* ({ table }: State): Generator<TaskId> {
  for (const kind of table.partitions('ready')) yield* table.range('ready', kind)
}

/** The tasks that are on hold or have a dependency that is not done, kind by kind. */
export const blockedTaskIds = function* ({ table }: State): Generator<TaskId> {
  for (const kind of table.partitions('blocked')) yield* table.range('blocked', kind)
}

/** The claimed tasks, kind by kind, ordered by the end of their leases. */
export const claimedTaskIds = function* ({ table }: State): Generator<TaskId> {
  for (const index of ['leased', 'exhausted'] as const)
    for (const kind of table.partitions(index)) yield* table.range(index, kind)
}

/** The tasks that depend on the task `id`, oldest first. */
export const dependentIds = ({ table }: State, id: TaskId): Iterable<TaskId> => table.range('dependents', id)

/** The ids that begin with `prefix`, sorted. If there are more than `idsMax`, the first ones and the very last. */
export const taskIdsByPrefix = ({ table }: State, prefix: string, idsMax: number): ReadonlyArray<TaskId> =>
  table.idsByPrefix(prefix, idsMax)

/** Every task, oldest first. */
export const allTasks = (state: State): ReadonlyArray<Task> => {
  const tasks: Array<Task> = []
  for (const index of ['open', 'finished'] as const)
    for (const id of state.table.range(index, '')) {
      const task = state.table.get(id)
      if (task !== undefined) tasks.push(task)
    }
  return tasks.sort((a, b) => a.seq - b.seq)
}

/**
 * Every task, oldest first, one at a time: if the table keeps its tasks on disk, only the current one is in
 * memory. The state must not change during iteration.
 */
export const tasksByAge = function* (state: State): Generator<Task> {
  const { table } = state
  const finished: Array<{ readonly seq: number; readonly id: TaskId }> = []
  for (const id of table.range('finished', '')) finished.push({ seq: getTask(state, id).seq, id })
  finished.sort((a, b) => a.seq - b.seq)
  let next = 0
  for (const openId of table.range('open', '')) {
    const open = getTask(state, openId)
    for (let older = finished[next]; older !== undefined && older.seq < open.seq; older = finished[next]) {
      yield getTask(state, older.id)
      next += 1
    }
    yield open
  }
  for (const { id } of finished.slice(next)) yield getTask(state, id)
}
