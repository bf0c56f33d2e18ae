import type { Added } from '../../events/index.ts'
import type { State } from '../../state/state.ts'
import { pickSpec } from '../../state/task.ts'
import type { NewTask } from './new-task.ts'
import type { TaskId } from '../../values/scalars.ts'

/** A task that exists already. */
type ExistingTask = NewTask & { readonly taskId: TaskId; readonly seq: number }

/** The tasks of a state plus those that one command has added so far. */
export type Batch = {
  readonly added: ReadonlyArray<Added>
  /** Returns the task with the same id or else with the same key. */
  readonly find: (task: NewTask) => ExistingTask | undefined
  /** Adds a task that `find` did not find. */
  readonly add: (task: NewTask) => Added
}

/**
 * Starts a batch on `state`; its events carry `metadata`. `requested`: all tasks of the command; their ids are
 * reserved.
 */
export const startBatch = (
  state: State,
  metadata: Pick<Added, 'by' | 'requestId' | 'time'>,
  requested: ReadonlyArray<NewTask>,
): Batch => {
  const added: Array<Added> = []
  const requestedIds = new Set(requested.map(({ taskId }) => taskId))
  const byId = new Map<TaskId, Added>()
  const byKey = new Map<string, Added>()

  const findInState = (id: TaskId | undefined): ExistingTask | undefined => {
    const task = id === undefined ? undefined : state.table.get(id)
    return task === undefined ? undefined : { taskId: task.id, seq: task.seq, kind: task.kind, ...task.spec }
  }

  const findByKey = (key: string): ExistingTask | undefined => {
    const [id] = state.table.range('key', key)
    return byKey.get(key) ?? findInState(id)
  }

  const chooseFreeId = (preferredId: TaskId): TaskId => {
    let id = preferredId
    // A caller may have chosen such an id. Of n + 1 candidates at least one is not among the n existing tasks.
    for (let n = 2; byId.has(id) || requestedIds.has(id) || findInState(id) !== undefined; n += 1)
      id = `${preferredId}-${n}`
    return id
  }

  return {
    added,
    find: ({ taskId, key }) => {
      const existing = taskId === undefined ? undefined : (byId.get(taskId) ?? findInState(taskId))
      return existing ?? (key === undefined ? undefined : findByKey(key))
    },
    add: task => {
      const seq = state.seq + added.length + 1
      const { kind, key } = task
      const taskId = task.taskId ?? chooseFreeId(`${kind}-${seq}`)
      const event: Added = { seq, event: 'added', taskId, kind, ...pickSpec(task), ...metadata }
      added.push(event)
      byId.set(taskId, event)
      if (key !== undefined) byKey.set(key, event)
      return event
    },
  }
}
