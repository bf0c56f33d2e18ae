import { idsWith } from './ids-with.ts'
import { layeredIndices } from './layered-indices.ts'
import type { Kind, Label, TaskId } from './names.ts'
import type { KindRules, Request, Table, TableBase, TableChanges } from './table.ts'
import type { Task } from './task.ts'

/** A table in memory, over one that was stored or over nothing. */
export type LayeredTable = Table & {
  /** What was changed in it since it was laid over its base. */
  readonly changes: () => TableChanges
  /** Lays it over `base` and forgets what it held; over nothing, it is empty then. */
  readonly rebase: (base: TableBase | undefined) => void
}

/** How many records of the base are kept at hand, and how many kinds' rules. */
const maxAtHand = 20_000

const noRules: KindRules = {}

/** The table in memory. */
export const memoryTable = (): Table => layeredTable(undefined)

/** A hash map of the tasks that changed and ordered places for each partition, over `base`. */
export const layeredTable = (under: TableBase | undefined): LayeredTable => {
  let base = under
  const tasks = new Map<TaskId, Task>()
  const kinds = new Map<Kind, KindRules>()
  const requests = new Map<Label, Request>()
  const { rebase: rebaseIndices, ...indices } = layeredIndices(base)
  const storedTasks = keptAtHand((id: TaskId) => base?.get(id))
  const storedRules = keptAtHand((kind: Kind) => base?.rules(kind) ?? noRules)

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
    rules: kind => kinds.get(kind) ?? (base === undefined ? noRules : storedRules.get(kind)),
    putRules: (kind, rules) => {
      kinds.set(kind, rules)
    },
    ruledKinds: () => (base === undefined ? kinds.keys() : new Set([...base.ruledKinds(), ...kinds.keys()])),
    request: id => requests.get(id) ?? base?.request(id),
    putRequest: (id, request) => {
      requests.set(id, request)
    },
    changes: () => ({ tasks: tasks.values(), rules: kinds.entries(), requests: requests.entries() }),
    rebase: newer => {
      base = newer
      rebaseIndices(newer)
      for (const held of [tasks, storedTasks, kinds, storedRules, requests]) held.clear()
    },
  }
}

/** Answers as `read` does, which is asked anew only for what is not at hand; that something is not there is not kept. */
const keptAtHand = <K, V>(read: (key: K) => V) => {
  const atHand = new Map<K, V>()
  return {
    get: (key: K): V => {
      const known = atHand.get(key)
      if (known !== undefined) return known
      const value = read(key)
      if (value === undefined) return value
      if (atHand.size === maxAtHand) atHand.clear()
      atHand.set(key, value)
      return value
    },
    clear: (): void => atHand.clear(),
  }
}
