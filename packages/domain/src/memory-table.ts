import SortedBTree from 'sorted-btree'
import type { Kind, Label, TaskId } from './names.ts'
import type { Index, KindRules, Place, Request, Table } from './table.ts'
import type { Task } from './task.ts'

// The package is CommonJS with a `default` inside: Node hands over the module, a bundler the class itself.
const BTree = 'default' in SortedBTree ? SortedBTree.default : SortedBTree

type Rank = number | string
type Position = { readonly rank: Rank; readonly seq: number }
type Tree = InstanceType<typeof BTree<Position, TaskId>>

const byRankThenAge = (a: Position, b: Position): number => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.seq - b.seq)

const noRules: KindRules = {}

/** The table in memory: a hash map of tasks and a balanced tree for each partition of each index. */
export const memoryTable = (): Table => {
  const tasks = new Map<TaskId, Task>()
  const kinds = new Map<Kind, KindRules>()
  const requests = new Map<Label, Request>()
  const trees: Record<Index, Map<string, Tree>> = {
    open: new Map(),
    finished: new Map(),
    ready: new Map(),
    due: new Map(),
    leased: new Map(),
    blocked: new Map(),
    dependents: new Map(),
    key: new Map(),
  }

  return {
    get: id => tasks.get(id),
    put: task => {
      tasks.set(task.id, task)
    },
    rules: kind => kinds.get(kind) ?? noRules,
    putRules: (kind, rules) => {
      kinds.set(kind, rules)
    },
    ruledKinds: () => kinds.keys(),
    request: id => requests.get(id),
    putRequest: (id, request) => {
      requests.set(id, request)
    },
    insert: (place, id) => {
      const partitions = trees[place.index]
      let tree = partitions.get(place.partition)
      if (tree === undefined) {
        tree = new BTree<Position, TaskId>(undefined, byRankThenAge)
        partitions.set(place.partition, tree)
      }
      tree.set(place, id)
    },
    delete: (place: Place) => {
      const partitions = trees[place.index]
      const tree = partitions.get(place.partition)
      if (tree === undefined) return
      tree.delete(place)
      if (tree.size === 0) partitions.delete(place.partition)
    },
    range: (index, partition, through) => valuesOf(trees[index].get(partition), through),
    backwards: function* (index, partition) {
      for (const [, id] of trees[index].get(partition)?.entriesReversed() ?? []) yield id
    },
    firstRank: (index, partition) => trees[index].get(partition)?.minKey()?.rank,
    count: (index, partition) => trees[index].get(partition)?.size ?? 0,
    partitions: index => [...trees[index].keys()],
  }
}

const valuesOf = function* (tree: Tree | undefined, through: Rank | undefined): Generator<TaskId> {
  // A tree may change between two steps, so each step seeks the next position instead of keeping an iterator.
  let next = tree?.minKey()
  while (tree !== undefined && next !== undefined && (through === undefined || next.rank <= through)) {
    const id = tree.get(next)
    const after: Position | undefined = tree.nextHigherKey(next)
    if (id !== undefined) yield id
    next = after
  }
}
