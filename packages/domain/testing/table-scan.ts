/** The expected content of the indices of a table, from a scan of all tasks: slow and obviously correct. */
import { allTasks } from '../src/queries/tasks.ts'
import { indexEntries, specEntries, type State } from '../src/state/state.ts'
import { allIndices, kindIndices, type IndexedKind, type IndexEntry, type IndexKey } from '../src/state/table.ts'

/** Every non-empty partition of every index, as `index partition: ids in order`, sorted. */
export const dumpIndices = (state: State): ReadonlyArray<string> =>
  allIndices
    .flatMap(index =>
      [...state.table.partitions(index)].map(partition => {
        const ids = [...state.table.range(index, partition)]
        const size = state.table.count(index, partition)
        return `${index} ${partition}: ${ids.join(' ')}${size === ids.length ? '' : `, but counts ${size}`}`
      }),
    )
    .sort()

/** The same as {@link dumpIndices}, computed from the tasks alone. */
export const scanIndices = (state: State): ReadonlyArray<string> => {
  const entries: Array<IndexEntry & { readonly id: string }> = []
  for (const task of allTasks(state))
    for (const entry of [...indexEntries(task), ...specEntries(task)]) entries.push({ ...entry, id: task.id })
  const partitions = new Map<string, Array<IndexEntry & { readonly id: string }>>()
  for (const entry of entries) {
    const name = `${entry.index} ${entry.partition}`
    partitions.set(name, [...(partitions.get(name) ?? []), entry])
  }
  return [...partitions]
    .map(
      ([name, list]) =>
        `${name}: ${list
          .sort(compareKeys)
          .map(entry => entry.id)
          .join(' ')}`,
    )
    .sort()
}

const compareKeys = (a: IndexKey, b: IndexKey): number => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.seq - b.seq)

/** The ordered kinds of each index, computed from the tasks alone. */
export const scanKinds = (state: State): ReadonlyArray<ReadonlyArray<IndexedKind>> =>
  kindIndices.map(index => {
    const first = new Map<string, IndexedKind>()
    for (const task of allTasks(state))
      for (const entry of indexEntries(task)) {
        if (entry.index !== index) continue
        const existing = first.get(task.kind)
        const { rank, seq } = entry
        if (existing === undefined || compareKeys({ rank, seq }, existing) < 0)
          first.set(task.kind, { rank, seq, id: task.kind })
      }
    const isOpen = (kind: string): boolean => {
      const { paused, limit } = state.table.rules(kind)
      return paused === undefined && (limit === undefined || state.table.count('leased', kind) < limit.claims)
    }
    const omitsClosedKinds = index === 'ready' || index === 'exhausted'
    return [...first.values()].filter(({ id }) => !omitsClosedKinds || isOpen(id)).sort(compareKeys)
  })
