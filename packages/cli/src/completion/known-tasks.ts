import {
  blockedTaskIds,
  claimedTaskIds,
  findTask,
  finishedTaskIds,
  isFinished,
  openTaskIds,
  readyTaskIds,
  type State,
  type Task,
  type TaskId,
  taskIdsWith,
} from '@claimlog/domain'

/** Tasks that a command is meant for: where they are found, and which of what is found there they are. */
type Meant = {
  readonly among: (state: State) => Iterable<TaskId>
  readonly isMeant: (task: Task, operands: ReadonlyArray<string>) => boolean
}

/** So many names are a help; more would fill the screen. */
export const mostNames = 100

/** So many tasks are looked at in the order they stand in. What begins as was typed is found without that. */
const mostLooks = 2000

const open: Meant = { among: openTaskIds, isMeant: task => !isFinished(task) }
const held: Meant = { among: blockedTaskIds, isMeant: task => task.hold !== undefined && !isFinished(task) }
const unclaimed: Meant = {
  among: readyTaskIds,
  isMeant: ({ status, claim }) => status === 'ready' && (claim === undefined || claim.lapsed !== false),
}
const heldByWorker: Meant = {
  among: claimedTaskIds,
  isMeant: ({ claim }, [worker]) => claim !== undefined && claim.worker === worker,
}
const finished: Meant = { among: finishedTaskIds, isMeant: isFinished }
const any: Meant = {
  *among(state) {
    yield* open.among(state)
    yield* finished.among(state)
  },
  isMeant: () => true,
}

/** The tasks that a command is meant for; of a command that is not here it can be any. */
const meantFor: Readonly<Record<string, Meant>> = {
  claim: unclaimed,
  ...{ complete: heldByWorker, fail: heldByWorker, renew: heldByWorker, release: heldByWorker },
  ...{ hold: open, cancel: open, amend: open, why: open, add: open, wait: open },
  unhold: held,
  retry: finished,
}

/** The commands that {@link knownTasks} knows more of than that they name a task. */
export const commandsWithTheirTasks: ReadonlyArray<string> = Object.keys(meantFor)

/**
 * The tasks whose ids begin with `prefix`, for a command after some arguments: those it is meant for, and where there is
 * none of them, any. Of a great many, those that stand first, and in any case such that what they begin with is what all
 * begin with.
 */
export const knownTasks = (
  state: State,
  command: string,
  operands: ReadonlyArray<string>,
  prefix: string,
): ReadonlyArray<Task> => {
  const { among, isMeant } = meantFor[command] ?? any
  const recordsOf = (ids: ReadonlyArray<TaskId>): ReadonlyArray<Task> => ids.flatMap(id => findTask(state, id) ?? [])
  const found = new Map<TaskId, Task>()
  const sawAll = (): boolean => {
    let looks = 0
    for (const id of among(state)) {
      looks += 1
      if (looks > mostLooks || found.size === mostNames) return false
      const task = id.startsWith(prefix) ? findTask(state, id) : undefined
      if (task !== undefined && isMeant(task, operands)) found.set(id, task)
    }
    return true
  }
  if (sawAll() && found.size > 0) return [...found.values()]
  const near = recordsOf(taskIdsWith(state, prefix, mostNames))
  for (const task of near) if (found.size < mostNames && isMeant(task, operands)) found.set(task.id, task)
  if (found.size === 0) return near
  if (near.length < mostNames) return [...found.values()]
  return [...new Set([...found.values(), ...near.slice(0, 1), ...near.slice(-1)])]
}
