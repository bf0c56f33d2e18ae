/**
 * The two tables that overlay another one: the base is read and never changed.
 *
 * - `overlayTable`: the table that `evolve` changes, over a checkpoint or nothing; lives as long as the process.
 * - `scratchTable`: a preview of a few events, over a live table; dropped after one decision.
 *
 * There are two because neither can replace the other. `overlayTable` takes thousands of changes: it has sorted
 * entries of its own for each partition, and reads its base in pages from either end and caches them. Creating
 * one takes 25 µs, as long as a claim and its completion. `scratchTable` is created for each decision that
 * finishes a claim and claims the next task: it takes less than half a microsecond and allocates only for what
 * the events touch.
 *
 * The base of `overlayTable` (`StoredTable`) does not change and is read in pages of entries. A live table yields
 * tasks one by one; their keys are looked up only if changed entries have to be merged between them.
 */
import { isKindClosed } from './kind-orders.ts'
import { overlayIndices } from './overlay-indices.ts'
import {
  idsByPrefix,
  type KindRules,
  type RequestEvents,
  type Table,
  type StoredTable,
  type TableChanges,
} from '../table.ts'
import type { Task } from '../task.ts'
import type { Json } from '@claimlog/codecs'
import type { Kind, Label, TaskId } from '../../values/scalars.ts'

/** A table in memory, over a stored table or over nothing. */
export type OverlayTable = Table & {
  /** The differences from the base. */
  readonly changes: () => TableChanges
  /** The number of tasks that differ from the base. */
  readonly changedTaskCount: () => number
  /** Drops all changes and overlays `base`; without a base the table is empty. */
  readonly rebase: (base: StoredTable | undefined) => void
}

/** The limit for cached records of the base, and separately for cached rules, in estimated bytes. */
const readCacheBytesMax = 64 * 1024 * 1024
const rulesBytes = 200

const noRules: KindRules = {}

export const memoryTable = (): Table => overlayTable(undefined)

/** Creates a table with a hash map of the changed tasks and sorted entries for each partition, over a base. */
export const overlayTable = (initialBase: StoredTable | undefined): OverlayTable => {
  let base = initialBase
  const tasks = new Map<TaskId, Task>()
  const kinds = new Map<Kind, KindRules>()
  const requests = new Map<Label, RequestEvents>()
  const rules = (kind: Kind): KindRules => kinds.get(kind) ?? (base === undefined ? noRules : storedRules.get(kind))
  const {
    rebase: rebaseIndices,
    touchRules,
    kindMoves,
    ...indices
  } = overlayIndices(base, {
    isClosed: kind => isKindClosed(rules(kind), () => indices.count('leased', kind)),
    wasClosed: kind => isKindClosed(storedRules.get(kind), () => base?.count('leased', kind) ?? 0),
  })
  const storedTasks = readCache((id: TaskId) => base?.get(id), estimateTaskBytes)
  const storedRules = readCache(
    (kind: Kind) => base?.rules(kind) ?? noRules,
    () => rulesBytes,
  )

  return {
    ...indices,
    get: id => tasks.get(id) ?? (base === undefined ? undefined : storedTasks.get(id)),
    idsByPrefix: (prefix, idsMax) => {
      const storedIds = base?.idsByPrefix(prefix, idsMax) ?? []
      return idsByPrefix([...storedIds, ...tasks.keys()], prefix, idsMax)
    },
    put: task => {
      tasks.set(task.id, task)
    },
    rules,
    putRules: (kind, newRules) => {
      touchRules(kind)
      kinds.set(kind, newRules)
    },
    ruledKinds: () => (base === undefined ? kinds.keys() : new Set([...base.ruledKinds(), ...kinds.keys()])),
    request: id => requests.get(id) ?? base?.request(id),
    putRequest: (id, request) => {
      requests.set(id, request)
    },
    changedTaskCount: () => tasks.size,
    changes: () => ({
      tasks: tasks.values(),
      rules: kinds.entries(),
      requests: requests.entries(),
      kinds: kindMoves(),
    }),
    rebase: newer => {
      base = newer
      rebaseIndices(newer)
      for (const cache of [tasks, storedTasks, kinds, storedRules, requests]) cache.clear()
    },
  }
}

/**
 * A cache in front of `read`; missing values are not cached. When it is full, the older half is dropped: a
 * claim that reads more records than fit would otherwise read each of them again.
 */
const readCache = <K, V>(read: (key: K) => V, estimateBytes: (value: NonNullable<V>) => number) => {
  let older = new Map<K, V>()
  let newer = new Map<K, V>()
  let bytes = 0
  return {
    get: (key: K): V => {
      const cached = newer.get(key) ?? older.get(key)
      if (cached !== undefined) return cached
      const value = read(key)
      if (value === undefined || value === null) return value
      bytes += estimateBytes(value)
      if (bytes > readCacheBytesMax / 2) {
        older = newer
        newer = new Map()
        bytes = estimateBytes(value)
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
const emptyTaskBytes = 400

/** Estimates a record's size in memory: payloads, results and texts make the difference. */
const estimateTaskBytes = ({ spec, lastClaimEnd, claim }: Task): number =>
  emptyTaskBytes +
  estimateJsonBytes(spec.payload) +
  estimateJsonBytes(lastClaimEnd?.result) +
  estimateJsonBytes(claim?.progress) +
  (spec.title?.length ?? 0) +
  (lastClaimEnd?.error?.length ?? 0) +
  32 * ((spec.needs?.length ?? 0) + (spec.tags?.length ?? 0))

const estimateJsonBytes = (json: Json | undefined): number => {
  if (typeof json === 'string') return json.length
  if (typeof json !== 'object' || json === null) return 0
  let bytes = 0
  for (const value of Object.values(json) as ReadonlyArray<Json>) bytes += 24 + estimateJsonBytes(value)
  return bytes
}
