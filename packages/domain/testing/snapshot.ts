/** A stored table in memory, for tests of the tables that overlay it. */
import { isBefore } from '../src/state/overlay/partition.ts'
import { allTasks } from '../src/queries/tasks.ts'
import { indexEntries, specEntries, type State } from '../src/state/state.ts'
import { idsWith, type Index, kindIndices, type Placed, type TableBase } from '../src/state/table.ts'
import { readTask, storedTask } from '../src/state/task.ts'

/** A stored table that counts its reads and the entries that it returned. */
export type Snapshot = { readonly base: TableBase; readonly asked: () => number; readonly given: () => number }

const isOfTasks = (index: Index, name: string): boolean =>
  name.startsWith(`${index} `) && !kindIndices.some(other => name === `${other} `)

/** Copies the current state to a stored table. `labels` are the request ids to include. */
export const snapshotOf = (state: State, labels: Iterable<string> = []): Snapshot => {
  const tasks = new Map(allTasks(state).map(task => [task.id, storedTask(task)]))
  const rules = new Map([...state.table.ruledKinds()].map(kind => [kind, state.table.rules(kind)]))
  const requests = new Map([...labels].map(label => [label, state.table.request(label)]))
  const places = new Map<string, Array<Placed>>()
  for (const task of allTasks(state))
    for (const { index, partition, rank, seq } of [...indexEntries(task), ...specEntries(task)]) {
      const name = `${index} ${partition}`
      const known = places.get(name)
      if (known === undefined) places.set(name, [{ rank, seq, id: task.id }])
      else known.push({ rank, seq, id: task.id })
    }
  for (const index of kindIndices) {
    const kinds = [...state.table.kindsInOrder(index)]
    if (kinds.length > 0) places.set(`${index} `, kinds)
  }
  for (const list of places.values()) list.sort((a, b) => (isBefore(a, b.rank, b.seq) ? -1 : 1))
  let asked = 0
  let given = 0

  const page = (placed: ReadonlyArray<Placed>): ReadonlyArray<Placed> => {
    asked += 1
    given += placed.length
    return placed
  }
  const of = (index: Index, partition: string): ReadonlyArray<Placed> => places.get(`${index} ${partition}`) ?? []
  const firstNot = (list: ReadonlyArray<Placed>, is: (place: Placed) => boolean): number => {
    const i = list.findIndex(place => !is(place))
    return i < 0 ? list.length : i
  }
  const base: TableBase = {
    get: id => {
      asked += 1
      const text = tasks.get(id)
      return text === undefined ? undefined : readTask(text)
    },
    idsWith: (prefix, most) => idsWith(tasks.keys(), prefix, most),
    rules: kind => rules.get(kind),
    ruledKinds: () => rules.keys(),
    request: id => requests.get(id),
    placesAfter: (index, partition, after, most) => {
      const list = of(index, partition)
      const isNotAfter = (place: Placed): boolean => after !== undefined && !isBefore(after, place.rank, place.seq)
      const from = firstNot(list, isNotAfter)
      return page(list.slice(from, from + most))
    },
    placesBefore: (index, partition, before, most) => {
      const list = of(index, partition)
      const to = before === undefined ? list.length : firstNot(list, place => isBefore(place, before.rank, before.seq))
      return page(list.slice(Math.max(0, to - most), to).reverse())
    },
    count: (index, partition) => of(index, partition).length,
    total: index => {
      let total = 0
      for (const [name, list] of places) if (isOfTasks(index, name)) total += list.length
      return total
    },
    partitions: index =>
      [...places.keys()].filter(name => isOfTasks(index, name)).map(name => name.slice(index.length + 1)),
  }
  return { base, asked: () => asked, given: () => given }
}
