import { unsetClock } from '../time/clock.ts'
import type { TaskId, WorkerName } from '../values/names.ts'
import type { Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import type { Claim, Task } from '../state/task.ts'
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
export const maxFinishedInQueueFile = 1000

/** Changes whenever other bytes are made of the same state: a text of another format is not gone on from. */
export const queueFileFormat = 1

/**
 * The open tasks and the newest finished ones in the order they were added, and the claims in the order they were
 * made. A function of the events alone: no clock, the same on every machine.
 */
export const queueFile = (state: State): QueueFile => {
  const tasks: Array<Task> = []
  eachTask(state, task => tasks.push(task))
  const claims = tasks
    .flatMap(({ id, claim }) =>
      claim === undefined
        ? []
        : [{ worker: claim.worker, task_id: id, token: claim.token, lease_until: claim.leaseUntil }],
    )
    .sort((a, b) => a.token - b.token)
  return { tasks: tasks.map(task => taskView(task, unsetClock)), claims, seq: state.seq }
}

/** Takes the tasks of `queue.json` one by one, in its order, holding none but the newest finished ones. */
const eachTask = ({ table }: State, take: (task: Task) => void): void => {
  const finished: Array<Task> = []
  for (const id of table.backwards('finished', '')) {
    if (finished.length === maxFinishedInQueueFile) break
    const task = table.get(id)
    if (task !== undefined) finished.push(task)
  }
  finished.sort((a, b) => a.seq - b.seq)
  let next = 0
  for (const id of table.range('open', '')) {
    const task = table.get(id)
    if (task === undefined) continue
    for (let older = finished[next]; older !== undefined && older.seq < task.seq; older = finished[next]) {
      take(older)
      next += 1
    }
    take(task)
  }
  for (; next < finished.length; next += 1) take(finished[next] as Task)
}

/** The bytes of `queue.json`. */
export const queueFileText = (state: State): string => {
  let text = ''
  writeQueueFile(state, part => {
    text += part
  })
  return text
}

/**
 * Gives the text of `queue.json` to `write` part by part, a task at a time: that of a million tasks is more than should
 * be held at once. What `JSON.stringify` makes of {@link queueFile}, to the byte, in a third of the time.
 */
export const writeQueueFile = (state: State, write: (part: string) => void): void => {
  const claims: Array<{ readonly token: number; readonly text: string }> = []
  let separator = '{\n  "tasks": [\n'
  eachTask(state, task => {
    write(`${separator}${taskText(task)}`)
    separator = ',\n'
    if (task.claim !== undefined) claims.push({ token: task.claim.token, text: claimText(task.id, task.claim) })
  })
  write(separator === ',\n' ? '\n  ],\n' : '{\n  "tasks": [],\n')
  claims.sort((a, b) => a.token - b.token)
  const listed = claims.length === 0 ? '[]' : `[\n${claims.map(({ text }) => text).join(',\n')}\n  ]`
  write(`  "claims": ${listed},\n  "seq": ${state.seq}\n}\n`)
}

/** A task as one of a list of them. Nearly every task has nothing but what tells it from the others. */
export const taskText = (task: Task): string => {
  const { id, kind, status, spec, hold, settled } = task
  const { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags } = spec
  if (
    (hold ?? settled ?? title ?? needs ?? priority ?? notBefore ?? maxAttempts ?? backoff ?? key ?? tags) !==
      undefined ||
    payload !== undefined ||
    leaseMs !== undefined
  )
    return `    ${JSON.stringify(taskView(task, unsetClock), null, 2).replaceAll('\n', '\n    ')}`
  return `    {\n      "id": ${JSON.stringify(id)},\n      "kind": ${JSON.stringify(kind)},\n      "status": "${status}"\n    }`
}

/** A claim as one of a list of them. */
export const claimText = (id: TaskId, { worker, token, leaseUntil }: Claim): string =>
  `    {\n      "worker": ${JSON.stringify(worker)},\n      "task_id": ${JSON.stringify(id)},\n      "token": ${token},\n      "lease_until": ${JSON.stringify(leaseUntil)}\n    }`
