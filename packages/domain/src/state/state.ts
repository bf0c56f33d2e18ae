import type { Backoff } from '../values/backoff.ts'
import { type LogClock, initialClock } from '../time/clock.ts'
import { memoryTable } from './overlay/overlay-table.ts'
import type { Label, TaskId, Time } from '../values/scalars.ts'
import type { IndexEntry, Table } from './table.ts'
import { taskPriority, type Task } from './task.ts'

/** The workspace's id and the defaults of its tasks, from the `opened` event. */
export type WorkspaceSettings = {
  readonly id: string
  readonly openedAt: Time
  readonly leaseMs: number
  readonly maxAttempts: number
  readonly backoff: Backoff
}

/** A move of the log, from its last `moved` event: to `target`, a log with the id `logId` (undefined: in a file). */
export type Move = {
  readonly seq: number
  readonly time: Time
  readonly by: Label | undefined
  readonly target: string
  readonly logId: string | undefined
}

/**
 * The fold of events 1 to `seq`. All times in it are on elapsed time (see `clock.ts`); before line 1, `time` and
 * `lineTime` are ''.
 */
export type State = {
  readonly seq: number
  readonly time: Time
  readonly lineTime: Time
  readonly clock: LogClock
  readonly workspace: WorkspaceSettings | undefined
  readonly moved: Move | undefined
  /** The id of the log itself, which is not a part of its events; undefined: the log is in a file. */
  readonly logId: string | undefined
  readonly table: Table
}

/** The state before the first event. `table` must be empty. */
export const emptyState = (table: Table = memoryTable(), logId?: string): State => ({
  seq: 0,
  time: '',
  lineTime: '',
  clock: initialClock,
  workspace: undefined,
  moved: undefined,
  logId,
  table,
})

/** The rank of a lease that has no end: sorts after every time. */
export const noLeaseEnd = '~'

/** The entry of an unfinished task in the `open` index. */
export const openIndexEntry = ({ seq }: Task): IndexEntry => ({ index: 'open', partition: '', rank: seq, seq })

/** The entry of a task in exactly one index: `finished`, or the one for what the task waits for. */
export const statusIndexEntry = (task: Task): IndexEntry => {
  const { seq, kind, claim, finished, dueAt } = task
  if (finished !== undefined) return { index: 'finished', partition: '', rank: finished.seq, seq }
  if (task.status !== 'ready') return { index: 'blocked', partition: kind, rank: taskPriority(task), seq }
  if (claim !== undefined && claim.lapsed !== 'for now')
    return {
      index: claim.lapsed === false ? 'leased' : 'exhausted',
      partition: kind,
      rank: claim.leaseUntil ?? noLeaseEnd,
      seq,
    }
  if (dueAt !== undefined) return { index: 'due', partition: kind, rank: dueAt, seq }
  return { index: 'ready', partition: kind, rank: taskPriority(task), seq }
}

/** The index entries of a task's current record. `evolve` moves a task from its old entries to its new ones. */
export const indexEntries = (task: Task): ReadonlyArray<IndexEntry> =>
  task.finished === undefined ? [openIndexEntry(task), statusIndexEntry(task)] : [statusIndexEntry(task)]

/**
 * The index entries that follow from a task's spec. Separate from {@link indexEntries} because they change only
 * with an amendment: the record of a task with 10,000 dependencies is replaced 10,000 times while they are
 * completed.
 */
export const specEntries = (task: Task): ReadonlyArray<IndexEntry> => {
  const entries: Array<IndexEntry> = []
  const { seq } = task
  for (const need of new Set(task.spec.needs)) entries.push({ index: 'dependents', partition: need, rank: seq, seq })
  if (task.spec.key !== undefined) entries.push({ index: 'key', partition: task.spec.key, rank: seq, seq })
  return entries
}

/** Returns a task that an index lists; throws if it is not in the table. */
export const getTask = (state: State, id: TaskId): Task => {
  const task = state.table.get(id)
  if (task === undefined) throw new Error(`an index lists ${id}, which is not in the table`)
  return task
}

/** The task's `maxAttempts`, or the workspace's default. */
export const allowedAttempts = (state: State, task: Task): number =>
  task.spec.maxAttempts ?? state.workspace?.maxAttempts ?? 1

/**
 * The move after which this log accepts no more commands; undefined: it accepts them. Of the logs that share a history,
 * only the one that the last `moved` event names continues it: the one with its id or, if it has none, the one in a file.
 */
export const findDeparture = ({ moved, logId }: Pick<State, 'moved' | 'logId'>): Move | undefined =>
  moved === undefined || moved.logId === logId ? undefined : moved

/** The state as of the log that had it when it was the last one: a past state accepts commands, wherever it was then. */
export const toAcceptingState = (state: State): State => ({ ...state, logId: state.moved?.logId })

/** Returns the task `id`, or undefined if there is none. */
export const findTask = ({ table }: State, id: TaskId): Task | undefined => table.get(id)

/** The number of unfinished tasks. */
export const countOpen = ({ table }: State): number => table.count('open', '')

/** The number of tasks that are done, failed or cancelled. */
export const countFinished = ({ table }: State): number => table.count('finished', '')
