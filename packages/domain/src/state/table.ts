import type { Moment, OrderMoment, Task } from './task.ts'
import type { Kind, Label, TaskId } from '../values/scalars.ts'

/** From which end an order is gone through. */
export type Way = 'onwards' | 'backwards'

/** Routing rules of a kind, with the event that last set each. */
export type KindRules = {
  readonly paused?: OrderMoment
  readonly limit?: Moment & { readonly claims: number }
}

/** The events that a request came to, by their `seq`. */
export type Request = { readonly firstSeq: number; readonly lastSeq: number }

/**
 * The orders over tasks, each divided into partitions:
 *
 * | index | partition | rank | holds |
 * |---|---|---|---|
 * | `open` | `''` | age | tasks that are not finished |
 * | `finished` | `''` | seq of the finishing event | tasks that are |
 * | `ready` | kind | priority | tasks that can be claimed, as far as the log has seen time pass |
 * | `due` | kind | `dueAt` | ready tasks whose time had not come |
 * | `leased` | kind | end of the lease | claimed tasks |
 * | `usedUp` | kind | end of the lease | claimed tasks whose lease has ended, as far as claims have seen, with no attempts left |
 * | `blocked` | kind | priority | tasks that are held or have a need that is not done |
 * | `dependents` | id of the need | age | tasks that need it |
 * | `key` | key | age | tasks added under a key |
 *
 * Within a rank the older task comes first.
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
  'usedUp',
] as const

/** The indices in which kinds have an order as well: that of the first task of each. */
export type KindIndex = (typeof kindIndices)[number]

export const kindIndices = ['ready', 'due', 'leased', 'usedUp'] as const satisfies ReadonlyArray<Index>

/** A number or a time, the same within an index. */
export type Rank = number | string

/** Where in the order of a partition; `seq` is the task's own: its age. */
export type Position = { readonly rank: Rank; readonly seq: number }

/** One place in an index. */
export type Place = Position & { readonly index: Index; readonly partition: string }

/** A task where it stands in the order of a partition. */
export type Placed = Position & { readonly id: TaskId }

/** A kind where its first task stands in an index. */
export type KindPlaced = Position & { readonly id: Kind }

/** Where a kind stood in an order as it was stored, and where it stands; undefined: nowhere. */
export type KindMove = { readonly was: KindPlaced | undefined; now: KindPlaced | undefined }

/**
 * The ids that begin with `prefix`, in order: all of them, or where they are more than `most` (two at least) the first
 * ones and the very last, so that what those begin with is what all begin with.
 */
type IdsWith = (prefix: string, most: number) => ReadonlyArray<TaskId>

/**
 * The ordered table that holds a state's tasks. A port: in memory it is a tree, on disk it can be a key-value store.
 * Changing it belongs to `evolve` alone.
 */
export interface Table {
  readonly get: (id: TaskId) => Task | undefined
  readonly idsWith: IdsWith
  readonly put: (task: Task) => void
  readonly rules: (kind: Kind) => KindRules
  readonly putRules: (kind: Kind, rules: KindRules) => void
  /** The kinds that rules were ever given to, in no order. */
  readonly ruledKinds: () => Iterable<Kind>
  /** What a caller's own id for a command came to; undefined: no event carries it. */
  readonly request: (id: Label) => Request | undefined
  readonly putRequest: (id: Label, request: Request) => void
  readonly insert: (place: Place, id: TaskId) => void
  readonly delete: (place: Place) => void
  /** The tasks of a partition in order; only those ranked at most `through`, where given. Safe against changes on the way. */
  readonly range: (index: Index, partition: string, through?: Rank) => Iterable<TaskId>
  /** The tasks of a partition from its end. */
  readonly backwards: (index: Index, partition: string) => Iterable<TaskId>
  /** The tasks of a partition beyond a position, in order or backwards, however far from the start. Not safe against changes. */
  readonly beyond: (index: Index, partition: string, position: Position, way: Way) => Iterable<TaskId>
  /** The rank of the first place in a partition; undefined where it is empty. */
  readonly firstRank: (index: Index, partition: string) => Rank | undefined
  /** How many places a partition has. */
  readonly count: (index: Index, partition: string) => number
  /** How many places an index has in all its partitions. */
  readonly total: (index: Index) => number
  /** The partitions of an index that are not empty, in no order. */
  readonly partitions: (index: Index) => Iterable<string>
  /**
   * The kinds in the order of the first task that each has in an index; only those whose first task is ranked at most
   * `through`, where given. Of `ready` and `usedUp` without the kinds that are paused or have as many claims as they may.
   * What changes on the way is not seen.
   */
  readonly kindsInOrder: (index: KindIndex, through?: Rank) => Iterable<KindPlaced>
}

/**
 * A table as it was stored, that another can lie over. A port, and read only: what it answers does not change while it is
 * in use. The kinds in their order are the places of the partition '' of an index: no kind has that name.
 */
export interface TableBase {
  readonly get: (id: TaskId) => Task | undefined
  readonly idsWith: IdsWith
  readonly rules: (kind: Kind) => KindRules | undefined
  readonly ruledKinds: () => Iterable<Kind>
  readonly request: (id: Label) => Request | undefined
  /** The first places of a partition after a position (none: of all), in order, at most so many. */
  readonly placesAfter: (
    index: Index,
    partition: string,
    after: Position | undefined,
    most: number,
  ) => ReadonlyArray<Placed>
  /** The last places of a partition before a position (none: of all), from the end, at most so many. */
  readonly placesBefore: (
    index: Index,
    partition: string,
    before: Position | undefined,
    most: number,
  ) => ReadonlyArray<Placed>
  /** How many places a partition has; costs no look at the disk where the whole index has none. */
  readonly count: (index: Index, partition: string) => number
  /** How many places an index has in all its partitions, without those of kinds. */
  readonly total: (index: Index) => number
  /** The partitions of an index that are not empty, in no order; not that of the kinds. */
  readonly partitions: (index: Index) => ReadonlyArray<string>
}

/** What a table says otherwise than what it lies over. */
export type TableChanges = {
  readonly tasks: Iterable<Task>
  readonly rules: Iterable<readonly [Kind, KindRules]>
  readonly requests: Iterable<readonly [Label, Request]>
  /** The kinds that have moved in an order of kinds. */
  readonly kinds: Iterable<readonly [KindIndex, KindMove]>
}

/** Those of `ids` that begin with `prefix`, as `IdsWith` promises them. */
export const idsWith = (ids: Iterable<TaskId>, prefix: string, most: number): ReadonlyArray<TaskId> => {
  const found = new Set<TaskId>()
  for (const id of ids) if (id.startsWith(prefix)) found.add(id)
  const inOrder = [...found].sort()
  return inOrder.length <= most ? inOrder : [...inOrder.slice(0, most - 1), inOrder.at(-1) as TaskId]
}
