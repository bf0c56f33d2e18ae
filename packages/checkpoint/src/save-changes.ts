import type { Task, TaskId } from '@claimlog/domain'
import {
  type Index,
  indexEntries,
  type IndexEntry,
  parseTask,
  specEntries,
  serializeTask,
  type TableChanges,
} from '@claimlog/domain/table'
import { addressesKey, countKey, namedKey, placeKey } from './keys.ts'
import type { Store, Writing } from './store.ts'
import type { Totals } from './stored-table.ts'

/** The offsets of some events of one task, from the event `firstSeq` on. */
export type TaskAddresses = {
  readonly taskId: TaskId
  readonly firstSeq: number
  readonly addresses: ReadonlyArray<number>
}

/** The stored state before a change, at `seq`. */
export type Stored = { readonly seq: number; readonly totals: Totals; readonly get: Store['get'] }

/**
 * Writes the changes, and returns the number of entries that each index then has. The index entries of a task are pure
 * functions of its record: the entries of the stored record are removed, and those of the new one are added.
 */
export const saveChanges = (
  before: Stored,
  { put, remove }: Writing,
  changes: TableChanges,
  addresses: Iterable<TaskAddresses>,
): Totals => {
  const counts = new Map<string, { readonly index: Index; readonly partition: string; by: number }>()
  const count = ({ index, partition }: IndexEntry, by: number): void => {
    const name = `${index} ${partition}`
    const known = counts.get(name)
    if (known === undefined) counts.set(name, { index, partition, by })
    else known.by += by
  }

  for (const task of changes.tasks) {
    const key = namedKey('t', task.id)
    // A task that was added since is not stored.
    const text = task.seq > before.seq ? undefined : before.get(key)
    const from = text === undefined ? [] : placesOf(parseTask(text))
    const to = placesOf(task)
    for (const place of from)
      if (!to.some(other => isSame(place, other))) {
        remove(placeKey(place.index, place.partition, place))
        count(place, -1)
      }
    for (const place of to)
      if (!from.some(other => isSame(place, other))) {
        put(placeKey(place.index, place.partition, place), task.id)
        count(place, 1)
      }
    put(key, serializeTask(task))
  }
  // Only after all tasks: a task that changed its kind leaves its position in the order of kinds to another one.
  const moves = [...changes.kinds].filter(
    ([, { stored, current }]) => stored?.rank !== current?.rank || stored?.seq !== current?.seq,
  )
  const kinds = new Map<Index, number>()
  for (const [index, { stored }] of moves)
    if (stored !== undefined) {
      remove(placeKey(index, '', stored))
      kinds.set(index, (kinds.get(index) ?? 0) - 1)
    }
  for (const [index, { current }] of moves)
    if (current !== undefined) {
      put(placeKey(index, '', current), current.id)
      kinds.set(index, (kinds.get(index) ?? 0) + 1)
    }
  for (const [kind, rules] of changes.rules) put(namedKey('r', kind), JSON.stringify(rules))
  for (const [id, request] of changes.requests) put(namedKey('q', id), JSON.stringify(request))
  for (const { taskId, firstSeq, addresses: list } of addresses)
    put(addressesKey(taskId, firstSeq), JSON.stringify(list))

  const totals: Record<Index, number> = { ...before.totals }
  const add = (index: Index, partition: string, by: number): void => {
    if (by === 0) return
    const key = countKey(index, partition)
    const left = Number(before.get(key) ?? 0) + by
    if (left === 0) remove(key)
    else put(key, String(left))
  }
  for (const { index, partition, by } of counts.values()) {
    add(index, partition, by)
    totals[index] += by
  }
  for (const [index, by] of kinds) add(index, '', by)
  return totals
}

const placesOf = (task: Task): ReadonlyArray<IndexEntry> => [...indexEntries(task), ...specEntries(task)]

const isSame = (a: IndexEntry, b: IndexEntry): boolean =>
  a.index === b.index && a.rank === b.rank && a.partition === b.partition && a.seq === b.seq
