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

/** The part of a table that holds the orders over its tasks. */
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
  /** Takes note that the rules of a kind have changed. */
  readonly touchRules: (kind: Kind) => void
  /** The kinds that have moved in their orders since the indices were laid over their base. */
  readonly kindMoves: () => Iterable<readonly [KindIndex, KindMove]>
  /** Lays the indices over those of `base`; what was in memory is gone. */
  readonly rebase: (base: TableBase | undefined) => void
}

const nothing: ReadonlyArray<TaskId> = []

/** Every task may be asked for these: that there are none is not worth remembering. */
const isPerTask = (index: Index): boolean => index === 'dependents' || index === 'key'

type Partitions = {
  readonly of: Readonly<Record<Index, Map<string, Partition>>>
  /** A partition to look into; undefined: nothing is there. */
  readonly look: (index: Index, name: string) => Partition | undefined
  /** A partition to change. */
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

/** Ordered places for each partition of each index, over those of a base or over none. */
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
      // Over a base it is remembered that the partition has become empty.
      if (partition.count === 0 && base === undefined) indices[index].delete(name)
    },
    range: (index, name, through) => {
      const partition = look(index, name)
      const first = partition === undefined ? undefined : firstAfter(partition)
      // Most looks at what time has freed end here.
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
 * The tasks of a partition beyond a position, on one of the two ways. Nothing is kept of what they are read from, nor is
 * anything read of what lies before: whoever turns to page thousand of a list pays for that page. The partition must not
 * change meanwhile.
 */
const tasksBeyond = function* (partition: Partition, position: Position, way: Way): Generator<TaskId> {
  const next = way === 'onwards' ? placedAfter : placedBefore
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

/** Places of the base that were not read into memory. */
const unreadBeyond = function* ({ unread }: Partition, position: Position, way: Way): Generator<Placed, undefined> {
  if (unread === undefined) return
  const { base, index, name, removed } = unread
  const [near, far] = way === 'onwards' ? [unread.front, unread.back] : [unread.back, unread.front]
  let at = near !== undefined && !comesFirst(near, position, way) ? near : position
  for (;;) {
    const page =
      way === 'onwards' ? base.placesAfter(index, name, at, pageSize) : base.placesBefore(index, name, at, pageSize)
    for (const placed of page) {
      if (far !== undefined && !comesFirst(placed, far, way)) return
      if (!removed.has(placed.seq)) yield placed
      at = placed
    }
    if (page.length < pageSize) return
  }
}

const comesFirst = (a: Position, b: Position, way: Way): boolean =>
  way === 'onwards' ? isBefore(a, b.rank, b.seq) : isBefore(b, a.rank, a.seq)
