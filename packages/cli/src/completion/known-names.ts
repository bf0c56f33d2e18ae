import {
  claimHolders,
  findTask,
  finishedTaskIds,
  kindRules,
  kindsOfOpenTasks,
  openTaskIds,
  ruledKinds,
  type State,
} from '@claimlog/domain'
import { mostNames } from './known-tasks.ts'

/** So many tasks of an order are asked for who worked on them, and of what kind they are. */
const mostLooks = 500

/** The kinds that there are; for `pause` and `resume` only those that are not paused, or are, if there are any. */
export const knownKinds = (state: State, command: string): ReadonlyArray<string> => {
  const kinds = new Set<string>([...ruledKinds(state), ...kindsOfOpenTasks(state)])
  for (const { kind } of newestFinished(state)) kinds.add(kind)
  const isPaused = (kind: string): boolean => kindRules(state, kind).paused !== undefined
  if (command === 'pause') return orAny(kinds, kind => !isPaused(kind))
  return command === 'resume' ? orAny(kinds, isPaused) : [...kinds]
}

/** The workers that were seen last; for a command of holders only those that hold a task, if there are any. */
export const knownWorkers = (state: State, forHolders: boolean): ReadonlyArray<string> => {
  const holders = claimHolders(state, mostLooks)
  if (forHolders && holders.size > 0) return [...holders]
  const workers = new Set(holders)
  const seen = [...newestFinished(state), ...looked(state, openTaskIds(state))]
  for (const { settled, claim } of seen)
    for (const worker of [claim?.worker, settled?.worker]) if (worker !== undefined) workers.add(worker)
  return [...workers]
}

/** The names that begin with `prefix` in their order; of a great many the first, and the last. */
export const beginningWith = (names: ReadonlyArray<string>, prefix: string): ReadonlyArray<string> => {
  const inOrder = names.filter(name => name.startsWith(prefix)).sort()
  return inOrder.length <= mostNames ? inOrder : [...inOrder.slice(0, mostNames - 1), ...inOrder.slice(-1)]
}

const orAny = (names: ReadonlySet<string>, isMeant: (name: string) => boolean): ReadonlyArray<string> => {
  const meant = [...names].filter(isMeant)
  return meant.length > 0 ? meant : [...names]
}

const newestFinished = (state: State) => looked(state, finishedTaskIds(state))

function* looked(state: State, ids: Iterable<string>) {
  let looks = 0
  for (const id of ids) {
    looks += 1
    if (looks > mostLooks) return
    const task = findTask(state, id)
    if (task !== undefined) yield task
  }
}
