import { findTask, finishedTaskIds, openTaskIds, type State, type Task, initialClock } from '@claimlog/domain'
import { type QueueFileDocument, taskView } from '@claimlog/wire'
import { claimText, finishedTasksMax, taskText } from './update-text.ts'

/**
 * The open tasks and the newest finished ones in the order in which they were added, and the claims in the order in
 * which they were made. A function of the events alone: no clock, the same on every machine.
 */
export const queueFile = (state: State): QueueFileDocument => {
  const tasks: Array<Task> = []
  forEachTask(state, task => tasks.push(task))
  const claims = tasks
    .flatMap(({ id, claim }) =>
      claim === undefined
        ? []
        : [{ worker: claim.worker, taskId: id, token: claim.token, leaseUntil: claim.leaseUntil }],
    )
    .sort((a, b) => a.token - b.token)
  return { tasks: tasks.map(task => taskView(task, initialClock)), claims, seq: state.seq }
}

/** Calls `consume` for each task of `queue.json`, in order; only the newest finished ones are in memory at once. */
const forEachTask = (state: State, consume: (task: Task) => void): void => {
  const finished: Array<Task> = []
  for (const id of finishedTaskIds(state)) {
    if (finished.length === finishedTasksMax) break
    const task = findTask(state, id)
    if (task !== undefined) finished.push(task)
  }
  finished.sort((a, b) => a.seq - b.seq)
  let next = 0
  for (const id of openTaskIds(state)) {
    const task = findTask(state, id)
    if (task === undefined) continue
    for (let older = finished[next]; older !== undefined && older.seq < task.seq; older = finished[next]) {
      consume(older)
      next += 1
    }
    consume(task)
  }
  for (; next < finished.length; next += 1) consume(finished[next] as Task)
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
 * Passes the text of `queue.json` to `write` one task at a time: the text of a million tasks is too large for memory.
 * The same bytes as `JSON.stringify` of {@link queueFile}, in a third of the time.
 */
export const writeQueueFile = (state: State, write: (part: string) => void): void => {
  const claims: Array<{ readonly token: number; readonly text: string }> = []
  let separator = '{\n  "tasks": [\n'
  forEachTask(state, task => {
    write(`${separator}${taskText(task)}`)
    separator = ',\n'
    if (task.claim !== undefined) claims.push({ token: task.claim.token, text: claimText(task.id, task.claim) })
  })
  write(separator === ',\n' ? '\n  ],\n' : '{\n  "tasks": [],\n')
  claims.sort((a, b) => a.token - b.token)
  const claimList = claims.length === 0 ? '[]' : `[\n${claims.map(({ text }) => text).join(',\n')}\n  ]`
  write(`  "claims": ${claimList},\n  "seq": ${state.seq}\n}\n`)
}
