/** The expected content of the indices of a table, from a scan of all tasks: slow and obviously correct. */
import { allTasks } from '../src/queries/tasks.ts'
import { indexEntries, specEntries, type State } from '../src/state/state.ts'
import { allIndices, kindIndices, type KindPlaced, type Place, type Position } from '../src/state/table.ts'

/** Every non-empty partition of every index, as `index partition: ids in order`, sorted. */
export const indicesOf = (state: State): ReadonlyArray<string> =>
  allIndices
    .flatMap(index =>
      [...state.table.partitions(index)].map(partition => {
        const ids = [...state.table.range(index, partition)]
        const size = state.table.count(index, partition)
        return `${index} ${partition}: ${ids.join(' ')}${size === ids.length ? '' : `, but counts ${size}`}`
      }),
    )
    .sort()

/** The same as {@link indicesOf}, computed from the tasks alone. */
export const indicesByScan = (state: State): ReadonlyArray<string> => {
  const places: Array<Place & { readonly id: string }> = []
  for (const task of allTasks(state))
    for (const place of [...indexEntries(task), ...specEntries(task)]) places.push({ ...place, id: task.id })
  const partitions = new Map<string, Array<Place & { readonly id: string }>>()
  for (const place of places) {
    const name = `${place.index} ${place.partition}`
    partitions.set(name, [...(partitions.get(name) ?? []), place])
  }
  return [...partitions]
    .map(
      ([name, list]) =>
        `${name}: ${list
          .sort(byRankThenAge)
          .map(place => place.id)
          .join(' ')}`,
    )
    .sort()
}

const byRankThenAge = (a: Position, b: Position): number => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.seq - b.seq)

/** The ordered kinds of each index, computed from the tasks alone. */
export const kindsByScan = (state: State): ReadonlyArray<ReadonlyArray<KindPlaced>> =>
  kindIndices.map(index => {
    const first = new Map<string, KindPlaced>()
    for (const task of allTasks(state))
      for (const place of indexEntries(task)) {
        if (place.index !== index) continue
        const known = first.get(task.kind)
        const { rank, seq } = place
        if (known === undefined || byRankThenAge({ rank, seq }, known) < 0)
          first.set(task.kind, { rank, seq, id: task.kind })
      }
    const isOpen = (kind: string): boolean => {
      const { paused, limit } = state.table.rules(kind)
      return paused === undefined && (limit === undefined || state.table.count('leased', kind) < limit.claims)
    }
    const isOfOpenKinds = index === 'ready' || index === 'usedUp'
    return [...first.values()].filter(({ id }) => !isOfOpenKinds || isOpen(id)).sort(byRankThenAge)
  })
