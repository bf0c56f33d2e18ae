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
  offsetsEnd,
  offsetsStart,
  countKey,
  prefixEnd,
  parseName,
  namedKey,
  partitionEnd,
  partitionStart,
  indexEntryKey,
  parseIndexKey,
} from './keys.ts'
import type { Store } from './store.ts'
import type { TextEntry } from './tree.ts'

/** The number of entries of each index. */
export type Totals = Readonly<Record<Index, number>>

const isKindIndex = (index: Index): boolean => kindIndices.some(other => other === index)

/** The table of the domain, read from `store`. */
export const storedTable = (store: Store, totals: Totals): StoredTable => {
  const partitionCache = new Map<Index, ReadonlyArray<string>>()

  const readPartitions = (index: Index): ReadonlyArray<string> => {
    if (totals[index] === 0) return []
    const start = countKey(index, '')
    const names = store.range(start, prefixEnd(start)).map(({ key }) => parseName(key, start.length))
    return isKindIndex(index) ? names.filter(name => name !== '') : names
  }

  const parseIndexedTasks = (entries: Iterable<TextEntry>, startBytes: number): ReadonlyArray<IndexedTask> => {
    const indexedTasks: Array<IndexedTask> = []
    for (const { key, value } of entries) {
      const { rank, seq } = parseIndexKey(key, startBytes)
      indexedTasks.push({ rank, seq, id: value })
    }
    return indexedTasks
  }

  return {
    get: id => {
      const text = store.get(namedKey('t', id))
      return text === undefined ? undefined : parseTask(text)
    },
    idsByPrefix: (prefix, idsMax) => {
      const start = namedKey('t', prefix)
      const parseIds = (entries: Iterable<TextEntry>): ReadonlyArray<TaskId> =>
        Array.from(entries, ({ key }) => parseName(key, 1))
      const first = parseIds(store.range(start, prefixEnd(start), idsMax))
      return first.length < idsMax
        ? first
        : [...first.slice(0, idsMax - 1), ...parseIds(store.rangeReverse(start, prefixEnd(start), 1))]
    },
    rules: kind => {
      const text = store.get(namedKey('r', kind))
      return text === undefined ? undefined : (JSON.parse(text) as KindRules)
    },
    ruledKinds: () => {
      const start = namedKey('r', '')
      return [...store.range(start, prefixEnd(start))].map(({ key }) => parseName(key, start.length))
    },
    request: id => {
      const text = store.get(namedKey('q', id))
      return text === undefined ? undefined : (JSON.parse(text) as RequestEvents)
    },
    readForward: (index, partition, after, entriesMax) => {
      const start = partitionStart(index, partition)
      // The smallest key after it is the same key with one more byte.
      const from = after === undefined ? start : Buffer.concat([indexEntryKey(index, partition, after), Buffer.of(0)])
      return parseIndexedTasks(store.range(from, partitionEnd(index, partition), entriesMax), start.length)
    },
    readBackward: (index, partition, before, entriesMax) => {
      const start = partitionStart(index, partition)
      const to = before === undefined ? partitionEnd(index, partition) : indexEntryKey(index, partition, before)
      return parseIndexedTasks(store.rangeReverse(start, to, entriesMax), start.length)
    },
    count: (index, partition) => (totals[index] === 0 ? 0 : Number(store.get(countKey(index, partition)) ?? 0)),
    total: index => totals[index],
    partitions: index => {
      const names = partitionCache.get(index) ?? readPartitions(index)
      partitionCache.set(index, names)
      return names
    },
  }
}

/** The offsets of a task's events, in order. */
export const readStoredOffsets = (store: Store, id: TaskId): ReadonlyArray<number> => {
  const offsets: Array<number> = []
  for (const { value } of store.range(offsetsStart(id), offsetsEnd(id)))
    for (const offset of JSON.parse(value) as ReadonlyArray<number>) offsets.push(offset)
  return offsets
}

export const zeroTotals: Totals = Object.fromEntries(allIndices.map(index => [index, 0])) as Record<Index, number>
