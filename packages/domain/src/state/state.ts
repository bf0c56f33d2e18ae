import type { Backoff } from '../values/backoff.ts'
import { type LogClock, unsetClock } from '../time/clock.ts'
import { memoryTable } from './overlay/stored.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import type { Place, Table } from './table.ts'
import { priorityOf, type Task } from './task.ts'

/** What `opened` said: the workspace's id and the defaults of its tasks. */
export type Workspace = {
  readonly id: string
  readonly openedAt: Time
  readonly leaseMs: number
  readonly maxAttempts: number
  readonly backoff: Backoff
}

/**
 * Everything that events 1 to `seq` say. All moments in it are on elapsed time (see `clock.ts`); before line 1, `time` and
 * `lineTime` are ''.
 */
export type State = {
  readonly seq: number
  readonly time: Time
  readonly lineTime: Time
  readonly clock: LogClock
  readonly workspace: Workspace | undefined
  readonly table: Table
}

/** The state before the first event, over an empty `table`. */
export const emptyState = (table: Table = memoryTable()): State => ({
  seq: 0,
  time: '',
  lineTime: '',
  clock: unsetClock,
  workspace: undefined,
  table,
})

/** Ranks after every time there is: a lease that has no end. */
export const never = '~'

/** The place of a task that is not finished among all those that are not. */
export const openPlace = ({ seq }: Task): Place => ({ index: 'open', partition: '', rank: seq, seq })

/** The one place that says where a task stands: whether it is finished, and else what it waits for. */
export const standingPlace = (task: Task): Place => {
  const { seq, kind, claim, finished, dueAt } = task
  if (finished !== undefined) return { index: 'finished', partition: '', rank: finished.seq, seq }
  if (task.status !== 'ready') return { index: 'blocked', partition: kind, rank: priorityOf(task), seq }
  if (claim !== undefined && claim.lapsed !== 'for now')
    return {
      index: claim.lapsed === false ? 'leased' : 'usedUp',
      partition: kind,
      rank: claim.leaseUntil ?? never,
      seq,
    }
  if (dueAt !== undefined) return { index: 'due', partition: kind, rank: dueAt, seq }
  return { index: 'ready', partition: kind, rank: priorityOf(task), seq }
}

/** Every place that a task stands in as it is now. `evolve` moves a task from those it had to those it has. */
export const indexEntries = (task: Task): ReadonlyArray<Place> =>
  task.finished === undefined ? [openPlace(task), standingPlace(task)] : [standingPlace(task)]

/**
 * The places a task stands in because of what was said when it was added. Apart from {@link indexEntries} because they
 * change only with an amendment: a task with 10,000 needs is replaced 10,000 times while they get done.
 */
export const specEntries = (task: Task): ReadonlyArray<Place> => {
  const places: Array<Place> = []
  const { seq } = task
  for (const need of new Set(task.spec.needs)) places.push({ index: 'dependents', partition: need, rank: seq, seq })
  if (task.spec.key !== undefined) places.push({ index: 'key', partition: task.spec.key, rank: seq, seq })
  return places
}

/** The task that an index names. */
export const taskOf = (state: State, id: TaskId): Task => {
  const task = state.table.get(id)
  if (task === undefined) throw new Error(`an index names ${id}, which is not in the table`)
  return task
}

/** How many attempts a task has in all. */
export const maxAttemptsOf = (state: State, task: Task): number =>
  task.spec.maxAttempts ?? state.workspace?.maxAttempts ?? 1

/** The task `id`; undefined: there is none. */
export const findTask = ({ table }: State, id: TaskId): Task | undefined => table.get(id)

/** How many tasks are not finished. */
export const countOpen = ({ table }: State): number => table.count('open', '')

/** How many tasks are done, failed or cancelled. */
export const countFinished = ({ table }: State): number => table.count('finished', '')
