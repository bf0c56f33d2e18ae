import type { Kind, Label, TaskId } from './names.ts'
import type { Moment, OrderMoment, Task } from './task.ts'

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
 * | `blocked` | kind | priority | tasks that are held or have a need that is not done |
 * | `dependents` | id of the need | age | tasks that need it |
 * | `key` | key | age | tasks added under a key |
 *
 * Within a rank the older task comes first.
 */
export type Index = 'open' | 'finished' | 'ready' | 'due' | 'leased' | 'blocked' | 'dependents' | 'key'

/** One place in an index; `rank` is a number or a time, the same within an index. `seq` is the task's own: its age. */
export type Place = {
  readonly index: Index
  readonly partition: string
  readonly rank: number | string
  readonly seq: number
}

/**
 * The ordered table that holds a state's tasks. A port: in memory it is a tree, on disk it can be a key-value store.
 * Changing it belongs to `evolve` alone.
 */
export interface Table {
  readonly get: (id: TaskId) => Task | undefined
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
  readonly range: (index: Index, partition: string, through?: number | string) => Iterable<TaskId>
  /** The tasks of a partition from its end. */
  readonly backwards: (index: Index, partition: string) => Iterable<TaskId>
  /** The rank of the first place in a partition; undefined where it is empty. */
  readonly firstRank: (index: Index, partition: string) => number | string | undefined
  /** How many places a partition has. */
  readonly count: (index: Index, partition: string) => number
  /** The partitions of an index that are not empty, in no order. */
  readonly partitions: (index: Index) => Iterable<string>
}
