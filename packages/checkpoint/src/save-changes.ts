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
import { offsetsKey, countKey, namedKey, indexEntryKey } from './keys.ts'
import type { Store, StoreWriter } from './store.ts'
import type { Totals } from './stored-table.ts'

/** The offsets of some events of one task, from the event `firstSeq` on. */
export type TaskOffsets = {
  readonly taskId: TaskId
  readonly firstSeq: number
  readonly offsets: ReadonlyArray<number>
}

/** The stored state before a change, at `seq`. */
export type StoredState = { readonly seq: number; readonly totals: Totals; readonly get: Store['get'] }

/**
 * Writes the changes, and returns the number of entries that each index then has. The index entries of a task are pure
 * functions of its record: the entries of the stored record are removed, and those of the new one are added.
 */
export const saveChanges = (
  before: StoredState,
  { put, remove }: StoreWriter,
  changes: TableChanges,
  offsets: Iterable<TaskOffsets>,
): Totals => {
  const counts = new Map<string, { readonly index: Index; readonly partition: string; delta: number }>()
  const count = ({ index, partition }: IndexEntry, delta: number): void => {
    const name = `${index} ${partition}`
    const existing = counts.get(name)
    if (existing === undefined) counts.set(name, { index, partition, delta })
    else existing.delta += delta
  }

  for (const task of changes.tasks) {
    const key = namedKey('t', task.id)
    // A task that was added since is not stored.
    const text = task.seq > before.seq ? undefined : before.get(key)
    const from = text === undefined ? [] : listIndexEntries(parseTask(text))
    const to = listIndexEntries(task)
    for (const entry of from)
      if (!to.some(other => isSame(entry, other))) {
        remove(indexEntryKey(entry.index, entry.partition, entry))
        count(entry, -1)
      }
    for (const entry of to)
      if (!from.some(other => isSame(entry, other))) {
        put(indexEntryKey(entry.index, entry.partition, entry), task.id)
        count(entry, 1)
      }
    put(key, serializeTask(task))
  }
  // Only after all tasks: a task that changed its kind leaves its position in the order of kinds to another one.
  const kindMoves = [...changes.kinds].filter(
    ([, { stored, current }]) => stored?.rank !== current?.rank || stored?.seq !== current?.seq,
  )
  const kinds = new Map<Index, number>()
  for (const [index, { stored }] of kindMoves)
    if (stored !== undefined) {
      remove(indexEntryKey(index, '', stored))
      kinds.set(index, (kinds.get(index) ?? 0) - 1)
    }
  for (const [index, { current }] of kindMoves)
    if (current !== undefined) {
      put(indexEntryKey(index, '', current), current.id)
      kinds.set(index, (kinds.get(index) ?? 0) + 1)
    }
  for (const [kind, rules] of changes.rules) put(namedKey('r', kind), JSON.stringify(rules))
  for (const [id, request] of changes.requests) put(namedKey('q', id), JSON.stringify(request))
  for (const { taskId, firstSeq, offsets: list } of offsets) put(offsetsKey(taskId, firstSeq), JSON.stringify(list))

  const totals: Record<Index, number> = { ...before.totals }
  const add = (index: Index, partition: string, delta: number): void => {
    if (delta === 0) return
    const key = countKey(index, partition)
    const remaining = Number(before.get(key) ?? 0) + delta
    if (remaining === 0) remove(key)
    else put(key, String(remaining))
  }
  for (const { index, partition, delta } of counts.values()) {
    add(index, partition, delta)
    totals[index] += delta
  }
  for (const [index, delta] of kinds) add(index, '', delta)
  return totals
}

const listIndexEntries = (task: Task): ReadonlyArray<IndexEntry> => [...indexEntries(task), ...specEntries(task)]

const isSame = (a: IndexEntry, b: IndexEntry): boolean =>
  a.index === b.index && a.rank === b.rank && a.partition === b.partition && a.seq === b.seq
