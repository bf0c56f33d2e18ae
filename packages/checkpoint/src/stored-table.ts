import type { KindRules, RequestEvents, TaskId } from '@claimlog/domain'
import {
  allIndices,
  type Index,
  kindIndices,
  type IndexedTask,
  parseTask,
  type StoredTable,
} from '@claimlog/domain/table'
import {
  addressesEnd,
  addressesStart,
  countKey,
  endOf,
  nameIn,
  namedKey,
  partitionEnd,
  partitionStart,
  placeKey,
  positionIn,
} from './keys.ts'
import type { Store } from './store.ts'
import type { TextEntry } from './tree.ts'

/** The number of entries of each index. */
export type Totals = Readonly<Record<Index, number>>

const isOfKinds = (index: Index): boolean => kindIndices.some(other => other === index)

/** The table of the domain, read from `store`. */
export const storedTable = (store: Store, totals: Totals): StoredTable => {
  const known = new Map<Index, ReadonlyArray<string>>()

  const partitionsOf = (index: Index): ReadonlyArray<string> => {
    if (totals[index] === 0) return []
    const start = countKey(index, '')
    const names = store.range(start, endOf(start)).map(({ key }) => nameIn(key, start.length))
    return isOfKinds(index) ? names.filter(name => name !== '') : names
  }

  const places = (entries: Iterable<TextEntry>, startBytes: number): ReadonlyArray<IndexedTask> => {
    const placed: Array<IndexedTask> = []
    for (const { key, value } of entries) {
      const { rank, seq } = positionIn(key, startBytes)
      placed.push({ rank, seq, id: value })
    }
    return placed
  }

  return {
    get: id => {
      const text = store.get(namedKey('t', id))
      return text === undefined ? undefined : parseTask(text)
    },
    idsByPrefix: (prefix, most) => {
      const start = namedKey('t', prefix)
      const idsIn = (entries: Iterable<TextEntry>): ReadonlyArray<TaskId> =>
        Array.from(entries, ({ key }) => nameIn(key, 1))
      const first = idsIn(store.range(start, endOf(start), most))
      return first.length < most
        ? first
        : [...first.slice(0, most - 1), ...idsIn(store.backwards(start, endOf(start), 1))]
    },
    rules: kind => {
      const text = store.get(namedKey('r', kind))
      return text === undefined ? undefined : (JSON.parse(text) as KindRules)
    },
    ruledKinds: () => {
      const start = namedKey('r', '')
      return [...store.range(start, endOf(start))].map(({ key }) => nameIn(key, start.length))
    },
    request: id => {
      const text = store.get(namedKey('q', id))
      return text === undefined ? undefined : (JSON.parse(text) as RequestEvents)
    },
    readForward: (index, partition, after, most) => {
      const start = partitionStart(index, partition)
      // The smallest key after it is the same key with one more byte.
      const from = after === undefined ? start : Buffer.concat([placeKey(index, partition, after), Buffer.of(0)])
      return places(store.range(from, partitionEnd(index, partition), most), start.length)
    },
    readBackward: (index, partition, before, most) => {
      const start = partitionStart(index, partition)
      const to = before === undefined ? partitionEnd(index, partition) : placeKey(index, partition, before)
      return places(store.backwards(start, to, most), start.length)
    },
    count: (index, partition) => (totals[index] === 0 ? 0 : Number(store.get(countKey(index, partition)) ?? 0)),
    total: index => totals[index],
    partitions: index => {
      const names = known.get(index) ?? partitionsOf(index)
      known.set(index, names)
      return names
    },
  }
}

/** The offsets of a task's events, in order. */
export const storedAddresses = (store: Store, id: TaskId): ReadonlyArray<number> => {
  const addresses: Array<number> = []
  for (const { value } of store.range(addressesStart(id), addressesEnd(id)))
    for (const address of JSON.parse(value) as ReadonlyArray<number>) addresses.push(address)
  return addresses
}

export const noPlaces: Totals = Object.fromEntries(allIndices.map(index => [index, 0])) as Record<Index, number>
