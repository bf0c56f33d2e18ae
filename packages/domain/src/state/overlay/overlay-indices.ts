import { type ClosedKinds, kindOrders } from './kind-orders.ts'
import {
  nextEntry,
  insertEntry,
  precedes,
  openPartition,
  type Partition,
  nextInBlocks,
  previousInBlocks,
  removeEntry,
  reverseTasks,
  tasksUntilRank,
} from './partition.ts'
import {
  allIndices,
  type Index,
  type KindIndex,
  type KindMove,
  type IndexedTask,
  type IndexKey,
  type Table,
  type StoredTable,
  type Direction,
} from '../table.ts'
import type { Kind, TaskId } from '../../values/scalars.ts'

/** The part of a table that contains the indices over its tasks. */
export type OverlayIndices = Pick<
  Table,
  | 'insert'
  | 'delete'
  | 'range'
  | 'reverseRange'
  | 'seek'
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
  readonly rebase: (base: StoredTable | undefined) => void
}

const noTasks: ReadonlyArray<TaskId> = []

/** True for indices with a partition per task or key: an empty partition is not worth keeping. */
const isPerTask = (index: Index): boolean => index === 'dependents' || index === 'key'

type PartitionStore = {
  readonly byIndex: Readonly<Record<Index, Map<string, Partition>>>
  /** Returns a partition to read; undefined: it has no entries. */
  readonly findPartition: (index: Index, name: string) => Partition | undefined
  /** Returns a partition to change. */
  readonly getPartition: (index: Index, name: string) => Partition
  readonly rebase: (base: StoredTable | undefined) => void
}

const createPartitionStore = (initialBase: StoredTable | undefined): PartitionStore => {
  let base = initialBase
  const byIndex = {} as Record<Index, Map<string, Partition>>
  for (const index of allIndices) byIndex[index] = new Map()
  return {
    byIndex,
    findPartition: (index, name) => {
      const existing = byIndex[index].get(name)
      if (existing !== undefined || base === undefined) return existing
      const partition = openPartition(base, index, name)
      if (partition.count > 0 || !isPerTask(index)) byIndex[index].set(name, partition)
      return partition
    },
    getPartition: (index, name) => {
      let partition = byIndex[index].get(name)
      if (partition === undefined) {
        partition = openPartition(base, index, name)
        byIndex[index].set(name, partition)
      }
      return partition
    },
    rebase: newer => {
      base = newer
      for (const index of allIndices) byIndex[index].clear()
    },
  }
}

/** Creates the sorted entries of all partitions of all indices, over those of a base or over none. */
export const overlayIndices = (initialBase: StoredTable | undefined, closed: ClosedKinds): OverlayIndices => {
  let base = initialBase
  const { byIndex: indices, findPartition, getPartition, rebase: rebasePartitions } = createPartitionStore(base)
  const kinds = kindOrders(base, { loadedPartitions: index => indices[index], findPartition, ...closed })

  return {
    insert: ({ index, partition: name, rank, seq }, id) => {
      kinds.touch(index, name)
      const partition = getPartition(index, name)
      insertEntry(partition, { rank, seq, id })
    },
    delete: ({ index, partition: name, rank, seq }) => {
      kinds.touch(index, name)
      const partition = getPartition(index, name)
      removeEntry(partition, rank, seq)
      // Over a base, an empty partition is kept: it hides the one of the base.
      if (partition.count === 0 && base === undefined) indices[index].delete(name)
    },
    range: (index, name, through) => {
      const partition = findPartition(index, name)
      const first = partition === undefined ? undefined : nextEntry(partition)
      // Most queries for expired leases and due tasks end here.
      if (partition === undefined || first === undefined || (through !== undefined && first.rank > through))
        return noTasks
      return tasksUntilRank(partition, through)
    },
    reverseRange: (index, name) => {
      const partition = findPartition(index, name)
      return partition === undefined ? noTasks : reverseTasks(partition)
    },
    seek: (index, name, key, direction) => {
      const partition = findPartition(index, name)
      return partition === undefined ? noTasks : seekTasks(partition, key, direction)
    },
    firstRank: (index, name) => {
      const partition = findPartition(index, name)
      return partition === undefined ? undefined : nextEntry(partition)?.rank
    },
    count: (index, name) => findPartition(index, name)?.count ?? 0,
    total: index => {
      let total = base?.total(index) ?? 0
      for (const { count, storedCount } of indices[index].values()) total += count - storedCount
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
const seekTasks = function* (partition: Partition, key: IndexKey, direction: Direction): Generator<TaskId> {
  const next = direction === 'forward' ? nextInBlocks : previousInBlocks
  const stored = seekUnread(partition, key, direction)
  let nextStored = stored.next()
  for (let cursor: IndexKey = key; ;) {
    const nextOwn = next(partition.entries, cursor)
    const isNextOwn =
      nextStored.done === true || (nextOwn !== undefined && isCloser(nextOwn, nextStored.value, direction))
    const entry = isNextOwn ? nextOwn : nextStored.value
    if (entry === undefined) return
    if (!isNextOwn) nextStored = stored.next()
    yield entry.id
    cursor = entry
  }
}

/** The entries of the base that were not read into memory. */
const seekUnread = function* (
  { unread }: Partition,
  key: IndexKey,
  direction: Direction,
): Generator<IndexedTask, undefined> {
  if (unread === undefined) return
  const { base, index, name, removed } = unread
  const [near, far] = direction === 'forward' ? [unread.front, unread.back] : [unread.back, unread.front]
  let cursor = near !== undefined && !isCloser(near, key, direction) ? near : key
  for (;;) {
    const page =
      direction === 'forward'
        ? base.readForward(index, name, cursor, pageSize)
        : base.readBackward(index, name, cursor, pageSize)
    for (const entry of page) {
      if (far !== undefined && !isCloser(entry, far, direction)) return
      if (!removed.has(entry.seq)) yield entry
      cursor = entry
    }
    if (page.length < pageSize) return
  }
}

const isCloser = (a: IndexKey, b: IndexKey, direction: Direction): boolean =>
  direction === 'forward' ? precedes(a, b.rank, b.seq) : precedes(b, a.rank, a.seq)
