import type { EventRef, OperatorAction, Task } from './task.ts'
import type { Kind, Label, TaskId } from '../values/scalars.ts'

export type Direction = 'forward' | 'backward'

/** Routing rules of a kind, with the event that last set each. */
export type KindRules = {
  readonly paused?: OperatorAction
  readonly limit?: EventRef & { readonly claims: number }
}

/** The events that a request led to, by their `seq`. */
export type RequestEvents = { readonly firstSeq: number; readonly lastSeq: number }

/**
 * The indices over tasks, each divided into partitions:
 *
 * | index | partition | rank | tasks |
 * |---|---|---|---|
 * | `open` | `''` | age | tasks that are not finished |
 * | `finished` | `''` | seq of the finishing event | tasks that are finished |
 * | `ready` | kind | priority | tasks that can be claimed, as of the last claim |
 * | `due` | kind | `dueAt` | ready tasks that were not due yet |
 * | `leased` | kind | end of the lease | claimed tasks |
 * | `exhausted` | kind | end of the lease | claimed tasks that a later claim found expired, with no attempts left |
 * | `blocked` | kind | priority | tasks that are on hold or have a dependency that is not done |
 * | `dependents` | id of the dependency | age | tasks that depend on it |
 * | `key` | key | age | tasks that were added with a key |
 *
 * Tasks of equal rank are ordered by age.
 */
export type Index = (typeof allIndices)[number]

export const allIndices = [
  'open',
  'finished',
  'ready',
  'due',
  'leased',
  'blocked',
  'dependents',
  'key',
  'exhausted',
] as const

/** The indices that also order their kinds, by the first task of each. */
export type KindIndex = (typeof kindIndices)[number]

export const kindIndices = ['ready', 'due', 'leased', 'exhausted'] as const satisfies ReadonlyArray<Index>

/** A number or a time; of one type within an index. */
export type Rank = number | string

/** The sort key within a partition: rank, then the `seq` of the task, which is its age. */
export type IndexKey = { readonly rank: Rank; readonly seq: number }

export type IndexEntry = IndexKey & { readonly index: Index; readonly partition: string }

/** A task with its key in a partition. */
export type IndexedTask = IndexKey & { readonly id: TaskId }

/** A kind with the key of its first task in an index. */
export type IndexedKind = IndexKey & { readonly id: Kind }

/** The stored and the current key of a kind in an index; undefined: the kind has no entry. */
export type KindMove = { readonly stored: IndexedKind | undefined; current: IndexedKind | undefined }

/**
 * The ids that begin with `prefix`, sorted. If there are more than `idsMax` (at least 2), the first ones and the
 * very last, so that their common prefix is the common prefix of all.
 */
type IdsByPrefix = (prefix: string, idsMax: number) => ReadonlyArray<TaskId>

/**
 * The ordered table that contains a state's tasks. A port: in memory it is a tree, on disk it can be a
 * key-value store. Only `evolve` may change it.
 */
export interface Table {
  readonly get: (id: TaskId) => Task | undefined
  readonly idsByPrefix: IdsByPrefix
  readonly put: (task: Task) => void
  readonly rules: (kind: Kind) => KindRules
  readonly putRules: (kind: Kind, rules: KindRules) => void
  /** The kinds for which a rule was ever set, in no order. */
  readonly ruledKinds: () => Iterable<Kind>
  /** The events of a request id; undefined: no event has it. */
  readonly request: (id: Label) => RequestEvents | undefined
  readonly putRequest: (id: Label, request: RequestEvents) => void
  readonly insert: (entry: IndexEntry, id: TaskId) => void
  readonly delete: (entry: IndexEntry) => void
  /** The tasks of a partition in order, up to the rank `through` (inclusive). Allows changes during iteration. */
  readonly range: (index: Index, partition: string, through?: Rank) => Iterable<TaskId>
  /** The tasks of a partition in reverse order. */
  readonly reverseRange: (index: Index, partition: string) => Iterable<TaskId>
  /** The tasks of a partition after a key in the given direction. The table must not change during iteration. */
  readonly seek: (index: Index, partition: string, key: IndexKey, direction: Direction) => Iterable<TaskId>
  /** The rank of the first entry of a partition; undefined if it is empty. */
  readonly firstRank: (index: Index, partition: string) => Rank | undefined
  readonly count: (index: Index, partition: string) => number
  /** The number of entries in all partitions of an index. */
  readonly total: (index: Index) => number
  /** The partitions of an index that are not empty, in no order. */
  readonly partitions: (index: Index) => Iterable<string>
  /**
   * The kinds in the order of the first task that each has in an index, up to the rank `through` (inclusive).
   * `ready` and `exhausted` leave out kinds that are paused or at their limit. Changes during iteration are not
   * reflected.
   */
  readonly kindsInOrder: (index: KindIndex, through?: Rank) => Iterable<IndexedKind>
}

/**
 * A stored table, which another table can overlay. A port, and read-only: its content does not change while it
 * is in use. The ordered kinds of an index are the entries of its partition '', as no kind has that name.
 */
export interface StoredTable {
  readonly get: (id: TaskId) => Task | undefined
  readonly idsByPrefix: IdsByPrefix
  readonly rules: (kind: Kind) => KindRules | undefined
  readonly ruledKinds: () => Iterable<Kind>
  readonly request: (id: Label) => RequestEvents | undefined
  /** Up to `entriesMax` entries of a partition after a key (or from the start), in order. */
  readonly readForward: (
    index: Index,
    partition: string,
    after: IndexKey | undefined,
    entriesMax: number,
  ) => ReadonlyArray<IndexedTask>
  /** Up to `entriesMax` entries of a partition before a key (or from the end), in reverse order. */
  readonly readBackward: (
    index: Index,
    partition: string,
    before: IndexKey | undefined,
    entriesMax: number,
  ) => ReadonlyArray<IndexedTask>
  /** The number of entries of a partition. Reads nothing from disk if the whole index is empty. */
  readonly count: (index: Index, partition: string) => number
  /** The number of entries in all partitions of an index, without the partition ''. */
  readonly total: (index: Index) => number
  /** The non-empty partitions of an index, in no order, without the partition ''. */
  readonly partitions: (index: Index) => ReadonlyArray<string>
}

/** The differences between a table and its base. */
export type TableChanges = {
  readonly tasks: Iterable<Task>
  readonly rules: Iterable<readonly [Kind, KindRules]>
  readonly requests: Iterable<readonly [Label, RequestEvents]>
  /** The kinds whose key in an index has changed. */
  readonly kinds: Iterable<readonly [KindIndex, KindMove]>
}

/** Filters and sorts `ids` as `IdsByPrefix` specifies. */
export const idsByPrefix = (ids: Iterable<TaskId>, prefix: string, idsMax: number): ReadonlyArray<TaskId> => {
  const matches = new Set<TaskId>()
  for (const id of ids) if (id.startsWith(prefix)) matches.add(id)
  const sorted = [...matches].sort()
  return sorted.length <= idsMax ? sorted : [...sorted.slice(0, idsMax - 1), sorted.at(-1) as TaskId]
}
