import { type ClosedKinds, kindOrders } from './kind-orders.ts'
import type { Kind, TaskId } from './names.ts'
import {
  firstAfter,
  insertPlace,
  openPartition,
  type Partition,
  removePlace,
  tasksBackwards,
  tasksThrough,
} from './partition.ts'
import { tasksBeyond } from './places-beyond.ts'
import { allIndices, type Index, type KindIndex, type KindMove, type Table, type TableBase } from './table.ts'

/** The part of a table that holds the orders over its tasks. */
export type LayeredIndices = Pick<
  Table,
  'insert' | 'delete' | 'range' | 'backwards' | 'beyond' | 'firstRank' | 'count' | 'partitions' | 'kindsInOrder'
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

/** Ordered places for each partition of each index, over those of a base or over none. */
export const layeredIndices = (under: TableBase | undefined, closed: ClosedKinds): LayeredIndices => {
  let base = under
  const indices = {} as Record<Index, Map<string, Partition>>
  for (const index of allIndices) indices[index] = new Map()
  /** A partition to look into; undefined: nothing is there. */
  const look = (index: Index, name: string): Partition | undefined => {
    const known = indices[index].get(name)
    if (known !== undefined || base === undefined) return known
    const partition = openPartition(base, index, name)
    if (partition.count > 0 || !isPerTask(index)) indices[index].set(name, partition)
    return partition
  }

  /** A partition to change. */
  const reach = (index: Index, name: string): Partition => {
    let partition = indices[index].get(name)
    if (partition === undefined) {
      partition = openPartition(base, index, name)
      indices[index].set(name, partition)
    }
    return partition
  }

  const kinds = kindOrders(base, { partitionsOf: index => indices[index], look, ...closed })

  return {
    insert: ({ index, partition, rank, seq }, id) => {
      kinds.touch(index, partition)
      insertPlace(reach(index, partition), { rank, seq, id })
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
      for (const index of allIndices) indices[index].clear()
      kinds.rebase(newer)
    },
  }
}
