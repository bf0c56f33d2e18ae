/**
 * The two tables that overlay another one: the base is read and never changed.
 *
 * - `layeredTable`: the table that `evolve` changes, over a checkpoint or nothing; lives as long as the process.
 * - `tableOver`: a preview of a few events, over a live table; dropped after one decision.
 *
 * There are two because neither can replace the other. `layeredTable` takes thousands of changes: it has sorted
 * entries of its own for each partition, and reads its base in pages from either end and caches them. Creating
 * one takes 25 µs, as long as a claim and its completion. `tableOver` is created for each decision that
 * finishes a claim and claims the next task: it takes less than half a microsecond and allocates only for what
 * the events touch.
 *
 * The base of `layeredTable` (`TableBase`) does not change and is read in pages of entries. A live table yields
 * tasks one by one; their keys are looked up only if changed entries have to be merged between them.
 */
import { isClosedBy } from './kind-orders.ts'
import { layeredIndices } from './stored-indices.ts'
import { idsWith, type KindRules, type Request, type Table, type TableBase, type TableChanges } from '../table.ts'
import type { Task } from '../task.ts'
import type { Json } from '@claimlog/codecs'
import type { Kind, Label, TaskId } from '../../values/scalars.ts'

/** A table in memory, over a stored table or over nothing. */
export type LayeredTable = Table & {
  /** The differences from the base. */
  readonly changes: () => TableChanges
  /** The number of tasks that differ from the base. */
  readonly changedCount: () => number
  /** Drops all changes and overlays `base`; without a base the table is empty. */
  readonly rebase: (base: TableBase | undefined) => void
}

/** The limit for cached records of the base, and separately for cached rules, in estimated bytes. */
const maxBytesAtHand = 64 * 1024 * 1024
const rulesBytes = 200

const noRules: KindRules = {}

export const memoryTable = (): Table => layeredTable(undefined)

/** Creates a table with a hash map of the changed tasks and sorted entries for each partition, over a base. */
export const layeredTable = (under: TableBase | undefined): LayeredTable => {
  let base = under
  const tasks = new Map<TaskId, Task>()
  const kinds = new Map<Kind, KindRules>()
  const requests = new Map<Label, Request>()
  const rules = (kind: Kind): KindRules => kinds.get(kind) ?? (base === undefined ? noRules : storedRules.get(kind))
  const {
    rebase: rebaseIndices,
    touchRules,
    kindMoves,
    ...indices
  } = layeredIndices(base, {
    isClosed: kind => isClosedBy(rules(kind), () => indices.count('leased', kind)),
    wasClosed: kind => isClosedBy(storedRules.get(kind), () => base?.count('leased', kind) ?? 0),
  })
  const storedTasks = keptAtHand((id: TaskId) => base?.get(id), bytesOfTask)
  const storedRules = keptAtHand(
    (kind: Kind) => base?.rules(kind) ?? noRules,
    () => rulesBytes,
  )

  return {
    ...indices,
    get: id => tasks.get(id) ?? (base === undefined ? undefined : storedTasks.get(id)),
    idsWith: (prefix, most) => {
      const below = base?.idsWith(prefix, most) ?? []
      return idsWith([...below, ...tasks.keys()], prefix, most)
    },
    put: task => {
      tasks.set(task.id, task)
    },
    rules,
    putRules: (kind, its) => {
      touchRules(kind)
      kinds.set(kind, its)
    },
    ruledKinds: () => (base === undefined ? kinds.keys() : new Set([...base.ruledKinds(), ...kinds.keys()])),
    request: id => requests.get(id) ?? base?.request(id),
    putRequest: (id, request) => {
      requests.set(id, request)
    },
    changedCount: () => tasks.size,
    changes: () => ({
      tasks: tasks.values(),
      rules: kinds.entries(),
      requests: requests.entries(),
      kinds: kindMoves(),
    }),
    rebase: newer => {
      base = newer
      rebaseIndices(newer)
      for (const held of [tasks, storedTasks, kinds, storedRules, requests]) held.clear()
    },
  }
}

/**
 * A cache in front of `read`; missing values are not cached. When it is full, the older half is dropped: a
 * claim that reads more records than fit would otherwise read each of them again.
 */
const keptAtHand = <K, V>(read: (key: K) => V, bytesOf: (value: NonNullable<V>) => number) => {
  let older = new Map<K, V>()
  let newer = new Map<K, V>()
  let bytes = 0
  return {
    get: (key: K): V => {
      const known = newer.get(key) ?? older.get(key)
      if (known !== undefined) return known
      const value = read(key)
      if (value === undefined || value === null) return value
      bytes += bytesOf(value)
      if (bytes > maxBytesAtHand / 2) {
        older = newer
        newer = new Map()
        bytes = bytesOf(value)
      }
      newer.set(key, value)
      return value
    },
    clear: (): void => {
      older = new Map()
      newer = new Map()
      bytes = 0
    },
  }
}

/** The size of a record without optional fields. */
const plainBytes = 400

/** Estimates a record's size in memory: payloads, results and texts make the difference. */
const bytesOfTask = ({ spec, settled, claim }: Task): number =>
  plainBytes +
  bytesOfJson(spec.payload) +
  bytesOfJson(settled?.result) +
  bytesOfJson(claim?.progress) +
  (spec.title?.length ?? 0) +
  (settled?.error?.length ?? 0) +
  32 * ((spec.needs?.length ?? 0) + (spec.tags?.length ?? 0))

const bytesOfJson = (json: Json | undefined): number => {
  if (typeof json === 'string') return json.length
  if (typeof json !== 'object' || json === null) return 0
  let bytes = 0
  for (const each of Object.values(json) as ReadonlyArray<Json>) bytes += 24 + bytesOfJson(each)
  return bytes
}
