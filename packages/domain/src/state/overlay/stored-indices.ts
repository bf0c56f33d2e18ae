import { type ClosedKinds, kindOrders } from './kind-orders.ts'
import {
  firstAfter,
  insertPlace,
  isBefore,
  openPartition,
  type Partition,
  placedAfter,
  placedBefore,
  removePlace,
  tasksBackwards,
  tasksThrough,
} from './partition.ts'
import {
  allIndices,
  type Index,
  type KindIndex,
  type KindMove,
  type Placed,
  type Position,
  type Table,
  type TableBase,
  type Way,
} from '../table.ts'
import type { Kind, TaskId } from '../../values/scalars.ts'

/** The part of a table that contains the indices over its tasks. */
export type LayeredIndices = Pick<
  Table,
  | 'insert'
  | 'delete'
  | 'range'
  | 'backwards'
  | 'beyond'
  | 'firstRank'
  | 'count'
  | 'total'
  | 'partitions'
  | 'kindsInOrder'
> & {
  /** Records that the rules of a kind have changed. */
  readonly touchRules: (kind: Kind) => void
  /** The kinds whose key in an index differs from the base. */
  readonly kindMoves: () => Iterable<readonly [KindIndex, KindMove]>
  /** Drops all changes and overlays the indices of `base`. */
  readonly rebase: (base: TableBase | undefined) => void
}

const nothing: ReadonlyArray<TaskId> = []

/** True for indices with a partition per task or key: an empty partition is not worth keeping. */
const isPerTask = (index: Index): boolean => index === 'dependents' || index === 'key'

type Partitions = {
  readonly of: Readonly<Record<Index, Map<string, Partition>>>
  /** Returns a partition to read; undefined: it has no entries. */
  readonly look: (index: Index, name: string) => Partition | undefined
  /** Returns a partition to change. */
  readonly reach: (index: Index, name: string) => Partition
  readonly rebase: (base: TableBase | undefined) => void
}

const partitionsOver = (under: TableBase | undefined): Partitions => {
  let base = under
  const of = {} as Record<Index, Map<string, Partition>>
  for (const index of allIndices) of[index] = new Map()
  return {
    of,
    look: (index, name) => {
      const known = of[index].get(name)
      if (known !== undefined || base === undefined) return known
      const partition = openPartition(base, index, name)
      if (partition.count > 0 || !isPerTask(index)) of[index].set(name, partition)
      return partition
    },
    reach: (index, name) => {
      let partition = of[index].get(name)
      if (partition === undefined) {
        partition = openPartition(base, index, name)
        of[index].set(name, partition)
      }
      return partition
    },
    rebase: newer => {
      base = newer
      for (const index of allIndices) of[index].clear()
    },
  }
}

/** Creates the sorted entries of all partitions of all indices, over those of a base or over none. */
export const layeredIndices = (under: TableBase | undefined, closed: ClosedKinds): LayeredIndices => {
  let base = under
  const { of: indices, look, reach, rebase: rebasePartitions } = partitionsOver(base)
  const kinds = kindOrders(base, { partitionsOf: index => indices[index], look, ...closed })

  return {
    insert: ({ index, partition: name, rank, seq }, id) => {
      kinds.touch(index, name)
      const partition = reach(index, name)
      insertPlace(partition, { rank, seq, id })
    },
    delete: ({ index, partition: name, rank, seq }) => {
      kinds.touch(index, name)
      const partition = reach(index, name)
      removePlace(partition, rank, seq)
      // Over a base, an empty partition is kept: it hides the one of the base.
      if (partition.count === 0 && base === undefined) indices[index].delete(name)
    },
    range: (index, name, through) => {
      const partition = look(index, name)
      const first = partition === undefined ? undefined : firstAfter(partition)
      // Most queries for expired leases and due tasks end here.
      if (partition === undefined || first === undefined || (through !== undefined && first.rank > through))
        return nothing
      return tasksThrough(partition, through)
    },
    backwards: (index, name) => {
      const partition = look(index, name)
      return partition === undefined ? nothing : tasksBackwards(partition)
    },
    beyond: (index, name, position, way) => {
      const partition = look(index, name)
      return partition === undefined ? nothing : tasksBeyond(partition, position, way)
    },
    firstRank: (index, name) => {
      const partition = look(index, name)
      return partition === undefined ? undefined : firstAfter(partition)?.rank
    },
    count: (index, name) => look(index, name)?.count ?? 0,
    total: index => {
      let total = base?.total(index) ?? 0
      for (const { count, stored } of indices[index].values()) total += count - stored
      return total
    },
    partitions: index => {
      const names: Array<string> = []
      for (const [name, { count }] of indices[index]) if (count > 0) names.push(name)
      for (const name of base?.partitions(index) ?? []) if (!indices[index].has(name)) names.push(name)
      return names
    },
    kindsInOrder: kinds.inOrder,
    touchRules: kinds.touchRules,
    kindMoves: kinds.moves,
    rebase: newer => {
      base = newer
      rebasePartitions(newer)
      kinds.rebase(newer)
    },
  }
}

const pageSize = 256

/**
 * The tasks of a partition after a key in the given direction. Entries are neither cached nor read before the
 * key, so page 1000 of a list costs the same as page 1. The partition must not change meanwhile.
 */
const tasksBeyond = function* (partition: Partition, position: Position, way: Way): Generator<TaskId> {
  const next = way === 'forward' ? placedAfter : placedBefore
  const stored = unreadBeyond(partition, position, way)
  let waiting = stored.next()
  for (let at: Position = position; ;) {
    const own = next(partition.places, at)
    const isOwn = waiting.done === true || (own !== undefined && comesFirst(own, waiting.value, way))
    const place = isOwn ? own : waiting.value
    if (place === undefined) return
    if (!isOwn) waiting = stored.next()
    yield place.id
    at = place
  }
}

/** The entries of the base that were not read into memory. */
const unreadBeyond = function* ({ unread }: Partition, position: Position, way: Way): Generator<Placed, undefined> {
  if (unread === undefined) return
  const { base, index, name, removed } = unread
  const [near, far] = way === 'forward' ? [unread.front, unread.back] : [unread.back, unread.front]
  let at = near !== undefined && !comesFirst(near, position, way) ? near : position
  for (;;) {
    const page =
      way === 'forward' ? base.placesAfter(index, name, at, pageSize) : base.placesBefore(index, name, at, pageSize)
    for (const placed of page) {
      if (far !== undefined && !comesFirst(placed, far, way)) return
      if (!removed.has(placed.seq)) yield placed
      at = placed
    }
    if (page.length < pageSize) return
  }
}

const comesFirst = (a: Position, b: Position, way: Way): boolean =>
  way === 'forward' ? isBefore(a, b.rank, b.seq) : isBefore(b, a.rank, a.seq)
