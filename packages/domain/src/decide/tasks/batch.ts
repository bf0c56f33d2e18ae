import type { Added } from '../../events/index.ts'
import type { State } from '../../state/state.ts'
import { specOf } from '../../state/task.ts'
import type { NewTask } from './new-task.ts'
import type { TaskId } from '../../values/scalars.ts'

/** A task that exists already. */
type KnownTask = NewTask & { readonly taskId: TaskId; readonly seq: number }

/** The tasks of a state plus those that one command has added so far. */
export type Batch = {
  readonly added: ReadonlyArray<Added>
  /** Returns the task with the same id or else with the same key. */
  readonly find: (task: NewTask) => KnownTask | undefined
  /** Adds a task that `find` did not find. */
  readonly add: (task: NewTask) => Added
}

/**
 * Starts a batch on `state`; its events carry `metadata`. `requested`: all tasks of the command; their ids are
 * reserved.
 */
export const batchOn = (
  state: State,
  stamp: Pick<Added, 'by' | 'requestId' | 'time'>,
  coming: ReadonlyArray<NewTask>,
): Batch => {
  const added: Array<Added> = []
  const taken = new Set(coming.map(({ taskId }) => taskId))
  const byId = new Map<TaskId, Added>()
  const byKey = new Map<string, Added>()

  const inState = (id: TaskId | undefined): KnownTask | undefined => {
    const task = id === undefined ? undefined : state.table.get(id)
    return task === undefined ? undefined : { taskId: task.id, seq: task.seq, kind: task.kind, ...task.spec }
  }

  const underKey = (key: string): KnownTask | undefined => {
    const [id] = state.table.range('key', key)
    return byKey.get(key) ?? inState(id)
  }

  const freeId = (wanted: TaskId): TaskId => {
    let id = wanted
    // A caller may have chosen such an id. Of n + 1 candidates at least one is not among the n existing tasks.
    for (let n = 2; byId.has(id) || taken.has(id) || inState(id) !== undefined; n += 1) id = `${wanted}-${n}`
    return id
  }

  return {
    added,
    find: ({ taskId, key }) => {
      const known = taskId === undefined ? undefined : (byId.get(taskId) ?? inState(taskId))
      return known ?? (key === undefined ? undefined : underKey(key))
    },
    add: task => {
      const seq = state.seq + added.length + 1
      const { kind, key } = task
      const taskId = task.taskId ?? freeId(`${kind}-${seq}`)
      const event: Added = { seq, event: 'added', taskId, kind, ...specOf(task), ...stamp }
      added.push(event)
      byId.set(taskId, event)
      if (key !== undefined) byKey.set(key, event)
      return event
    },
  }
}
