/** Completion candidates for tasks, kinds and workers. Only few tasks are read, whatever the length of the log. */
import {
  blockedTaskIds,
  claimedTaskIds,
  claimHolders,
  findTask,
  finishedTaskIds,
  isFinished,
  kindRules,
  kindsOfOpenTasks,
  openTaskIds,
  readyTaskIds,
  ruledKinds,
  type State,
  type Task,
  type TaskId,
  taskIdsByPrefix,
} from '@claimlog/domain'

/** More names would fill the screen. */
export const candidatesMax = 100

/** The maximum number of tasks that are read in index order. Tasks by id prefix are found without that. */
const tasksReadMax = 2000

/** The maximum number of tasks per index that are read for their workers and kinds. */
const nameTasksReadMax = 500

/** An index to search for tasks, and a filter. */
type TaskSource = {
  readonly taskIds: (state: State) => Iterable<TaskId>
  readonly isWanted: (task: Task, worker: string | undefined) => boolean
}

const open: TaskSource = { taskIds: openTaskIds, isWanted: task => !isFinished(task) }
const finished: TaskSource = { taskIds: finishedTaskIds, isWanted: isFinished }

const sources = {
  any: {
    *taskIds(state) {
      yield* open.taskIds(state)
      yield* finished.taskIds(state)
    },
    isWanted: () => true,
  },
  open,
  finished,
  held: { taskIds: blockedTaskIds, isWanted: task => task.hold !== undefined && !isFinished(task) },
  unclaimed: {
    taskIds: readyTaskIds,
    isWanted: ({ status, claim }) => status === 'ready' && (claim === undefined || claim.lapsed !== false),
  },
  claimed: { taskIds: claimedTaskIds, isWanted: ({ claim }, worker) => claim !== undefined && claim.worker === worker },
} satisfies Readonly<Record<string, TaskSource>>

/** The tasks to suggest; `claimed` are those of one worker. */
export type WantedTasks = { readonly source: keyof typeof sources; readonly worker?: string }

/**
 * Finds the wanted tasks whose ids begin with `prefix` or, if there is none, all tasks that do. If there are too many,
 * returns the first ones, chosen so that their common prefix is the common prefix of all.
 */
export const candidateTasks = (state: State, { source, worker }: WantedTasks, prefix: string): ReadonlyArray<Task> => {
  const { taskIds, isWanted }: TaskSource = sources[source]
  const findTasks = (ids: ReadonlyArray<TaskId>): ReadonlyArray<Task> => ids.flatMap(id => findTask(state, id) ?? [])
  const candidates = new Map<TaskId, Task>()
  const searchIndex = (): boolean => {
    let readCount = 0
    for (const id of taskIds(state)) {
      readCount += 1
      if (readCount > tasksReadMax || candidates.size === candidatesMax) return false
      const task = id.startsWith(prefix) ? findTask(state, id) : undefined
      if (task !== undefined && isWanted(task, worker)) candidates.set(id, task)
    }
    return true
  }
  if (searchIndex() && candidates.size > 0) return [...candidates.values()]
  const prefixMatches = findTasks(taskIdsByPrefix(state, prefix, candidatesMax))
  for (const task of prefixMatches)
    if (candidates.size < candidatesMax && isWanted(task, worker)) candidates.set(task.id, task)
  if (candidates.size === 0) return prefixMatches
  if (prefixMatches.length < candidatesMax) return [...candidates.values()]
  return [...new Set([...candidates.values(), ...prefixMatches.slice(0, 1), ...prefixMatches.slice(-1)])]
}

/** The kinds that begin with `prefix`; with `paused` only the paused or the other ones, if there are any. */
export const candidateKinds = (
  state: State,
  { paused }: { readonly paused: boolean | undefined },
  prefix: string,
): ReadonlyArray<string> => {
  const kinds = new Set<string>([...ruledKinds(state), ...kindsOfOpenTasks(state)])
  for (const { kind } of newestFinished(state)) kinds.add(kind)
  const matching = [...kinds].filter(
    kind => paused === undefined || (kindRules(state, kind).paused !== undefined) === paused,
  )
  return filterByPrefix(matching.length > 0 ? matching : [...kinds], prefix)
}

/** The most recent workers that begin with `prefix`; with `holding` only those that have a claim, if there are any. */
export const candidateWorkers = (
  state: State,
  { holding }: { readonly holding: boolean },
  prefix: string,
): ReadonlyArray<string> => {
  const holders = claimHolders(state, nameTasksReadMax)
  if (holding && holders.size > 0) return filterByPrefix([...holders], prefix)
  const workers = new Set(holders)
  const recentTasks = [...newestFinished(state), ...firstTasks(state, openTaskIds(state))]
  for (const { lastClaimEnd, claim } of recentTasks)
    for (const worker of [claim?.worker, lastClaimEnd?.worker]) if (worker !== undefined) workers.add(worker)
  return filterByPrefix([...workers], prefix)
}

/** Sorts the names that begin with `prefix`; returns the first ones and the last if there are too many. */
const filterByPrefix = (names: ReadonlyArray<string>, prefix: string): ReadonlyArray<string> => {
  const sorted = names.filter(name => name.startsWith(prefix)).sort()
  return sorted.length <= candidatesMax ? sorted : [...sorted.slice(0, candidatesMax - 1), ...sorted.slice(-1)]
}

const newestFinished = (state: State) => firstTasks(state, finishedTaskIds(state))

function* firstTasks(state: State, ids: Iterable<string>) {
  let readCount = 0
  for (const id of ids) {
    readCount += 1
    if (readCount > nameTasksReadMax) return
    const task = findTask(state, id)
    if (task !== undefined) yield task
  }
}
