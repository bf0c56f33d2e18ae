/**
 * The two tables that lie over another one: what is below is read, and never changed.
 *
 * ```
 *   scratch.ts   what a few events would lead to      over a live table      made for one decision, then dropped
 *   stored.ts    the table that `evolve` changes      over a checkpoint      lives as long as the process
 *                                                     or over nothing
 * ```
 *
 * There are two, as neither would do for the other. This one takes thousands of changes: it has its own ordered places for
 * each partition, reads what is below in pages from either end, and keeps it. To make one takes 25 µs, as long as a claim and
 * its completion; one is needed for each decision that settles a claim and takes the next. The other one takes less than
 * half a microsecond and makes nothing but what the events touch. What lies below this one (`TableBase`) does not change, and
 * gives places by pages; a live table gives tasks one after the other, whose places are looked up only if something came
 * between them.
 */
import { isClosedBy } from './kind-orders.ts'
import { layeredIndices } from './stored-indices.ts'
import { idsWith, type KindRules, type Request, type Table, type TableBase, type TableChanges } from '../table.ts'
import type { Task } from '../task.ts'
import type { Json } from '@claimlog/codecs'
import type { Kind, Label, TaskId } from '../../values/scalars.ts'

/** A table in memory, over one that was stored or over nothing. */
export type LayeredTable = Table & {
  /** What was changed in it since it was laid over its base. */
  readonly changes: () => TableChanges
  /** How many tasks were changed since. */
  readonly changedCount: () => number
  /** Lays it over `base` and forgets what it held; over nothing, it is empty then. */
  readonly rebase: (base: TableBase | undefined) => void
}

/** How much of the base is kept at hand, in bytes as they are estimated: of records, and of kinds' rules. */
const maxBytesAtHand = 64 * 1024 * 1024
const rulesBytes = 200

const noRules: KindRules = {}

/** The table in memory. */
export const memoryTable = (): Table => layeredTable(undefined)

/** A hash map of the tasks that changed and ordered places for each partition, over `base`. */
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
 * Answers as `read` does, which is asked anew only for what is not at hand; that something is not there is not kept. Of what
 * is at hand the older half goes first: a claim that goes through more records than fit would else read each of them again.
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

/** What a record takes that says nothing but what every task says. */
const plainBytes = 400

/** About how many bytes a record takes in memory: payloads, results and texts make the difference. */
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
