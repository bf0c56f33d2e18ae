import type { TaskId, WorkerName } from '../names.ts'
import type { Time } from '../scalars.ts'
import type { State } from '../state.ts'
import type { Task } from '../task.ts'
import { type TaskView, taskView } from './task-view.ts'

/** The content of `queue.json`. */
export type QueueFile = {
  readonly tasks: ReadonlyArray<TaskView>
  readonly claims: ReadonlyArray<{
    readonly worker: WorkerName
    readonly task_id: TaskId
    readonly token: number
    readonly lease_until: Time | null
  }>
  readonly seq: number
}

/** Finished tasks that stay in `queue.json`; the log keeps all. */
const maxFinishedInQueueFile = 1000

/** A workspace with more open tasks than this may let `queue.json` lag behind the log. */
export const maxOpenWrittenAtOnce = 10_000

/**
 * The open tasks and the newest finished ones in the order they were added, and the claims in the order they were
 * made. A function of the events alone: no clock, the same on every machine.
 */
export const queueFile = (state: State): QueueFile => {
  const { table } = state
  const tasks: Array<Task> = []
  const take = (id: TaskId): void => {
    const task = table.get(id)
    if (task !== undefined) tasks.push(task)
  }
  for (const id of table.range('open', '')) take(id)
  let finished = 0
  for (const id of table.backwards('finished', '')) {
    if (finished === maxFinishedInQueueFile) break
    take(id)
    finished += 1
  }
  tasks.sort((a, b) => a.seq - b.seq)
  const claims = tasks
    .flatMap(({ id, claim }) =>
      claim === undefined
        ? []
        : [{ worker: claim.worker, task_id: id, token: claim.token, lease_until: claim.leaseUntil }],
    )
    .sort((a, b) => a.token - b.token)
  return { tasks: tasks.map(taskView), claims, seq: state.seq }
}

/** The bytes of `queue.json`. */
export const queueFileText = (state: State): string => `${JSON.stringify(queueFile(state), null, 2)}\n`
