/** A stored table in memory, for tests of the tables that overlay it. */
import { precedes } from '../src/state/overlay/partition.ts'
import { allTasks } from '../src/queries/tasks.ts'
import { indexEntries, specEntries, type State } from '../src/state/state.ts'
import { idsByPrefix, type Index, kindIndices, type IndexedTask, type StoredTable } from '../src/state/table.ts'
import { parseTask, serializeTask } from '../src/state/task.ts'

/** A stored table that counts its reads and the entries that it returned. */
export type Snapshot = { readonly base: StoredTable; readonly reads: () => number; readonly entriesRead: () => number }

const isTaskPartition = (index: Index, name: string): boolean =>
  name.startsWith(`${index} `) && !kindIndices.some(other => name === `${other} `)

/** Copies the current state to a stored table. `requestIds` are the request ids to include. */
export const takeSnapshot = (state: State, requestIds: Iterable<string> = []): Snapshot => {
  const tasks = new Map(allTasks(state).map(task => [task.id, serializeTask(task)]))
  const rules = new Map([...state.table.ruledKinds()].map(kind => [kind, state.table.rules(kind)]))
  const requests = new Map([...requestIds].map(label => [label, state.table.request(label)]))
  const partitions = new Map<string, Array<IndexedTask>>()
  for (const task of allTasks(state))
    for (const { index, partition, rank, seq } of [...indexEntries(task), ...specEntries(task)]) {
      const name = `${index} ${partition}`
      const existing = partitions.get(name)
      if (existing === undefined) partitions.set(name, [{ rank, seq, id: task.id }])
      else existing.push({ rank, seq, id: task.id })
    }
  for (const index of kindIndices) {
    const kinds = [...state.table.kindsInOrder(index)]
    if (kinds.length > 0) partitions.set(`${index} `, kinds)
  }
  for (const list of partitions.values()) list.sort((a, b) => (precedes(a, b.rank, b.seq) ? -1 : 1))
  let reads = 0
  let entriesRead = 0

  const countRead = (entries: ReadonlyArray<IndexedTask>): ReadonlyArray<IndexedTask> => {
    reads += 1
    entriesRead += entries.length
    return entries
  }
  const findEntries = (index: Index, partition: string): ReadonlyArray<IndexedTask> =>
    partitions.get(`${index} ${partition}`) ?? []
  const firstMismatch = (list: ReadonlyArray<IndexedTask>, predicate: (entry: IndexedTask) => boolean): number => {
    const i = list.findIndex(entry => !predicate(entry))
    return i < 0 ? list.length : i
  }
  const base: StoredTable = {
    get: id => {
      reads += 1
      const text = tasks.get(id)
      return text === undefined ? undefined : parseTask(text)
    },
    idsByPrefix: (prefix, idsMax) => idsByPrefix(tasks.keys(), prefix, idsMax),
    rules: kind => rules.get(kind),
    ruledKinds: () => rules.keys(),
    request: id => requests.get(id),
    readForward: (index, partition, after, entriesMax) => {
      const list = findEntries(index, partition)
      const isUpToKey = (entry: IndexedTask): boolean => after !== undefined && !precedes(after, entry.rank, entry.seq)
      const from = firstMismatch(list, isUpToKey)
      return countRead(list.slice(from, from + entriesMax))
    },
    readBackward: (index, partition, before, entriesMax) => {
      const list = findEntries(index, partition)
      const to =
        before === undefined ? list.length : firstMismatch(list, entry => precedes(entry, before.rank, before.seq))
      return countRead(list.slice(Math.max(0, to - entriesMax), to).reverse())
    },
    count: (index, partition) => findEntries(index, partition).length,
    total: index => {
      let total = 0
      for (const [name, list] of partitions) if (isTaskPartition(index, name)) total += list.length
      return total
    },
    partitions: index =>
      [...partitions.keys()].filter(name => isTaskPartition(index, name)).map(name => name.slice(index.length + 1)),
  }
  return { base, reads: () => reads, entriesRead: () => entriesRead }
}
