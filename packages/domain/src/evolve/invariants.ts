import { onElapsed, timelineAfter } from '../time/clock.ts'
import { type Added, type Claimed, type Event, isTaskEvent, type Renewed, type TaskEvent } from '../events/index.ts'
import { maxAttemptsOf, type State } from '../state/state.ts'
import { isLive, type Task } from '../state/task.ts'
import { roomIn } from '../decide/claims/claimable.ts'

/**
 * Why `event` cannot have been decided in `state`, in words; undefined where it can. What `verify` asks of each line
 * beyond its shape and its place in the chain: no decision leads to an inconsistency, so one shows a log that was
 * written by something else.
 */
export const inconsistency = (state: State, line: Event): string | undefined => {
  if (line.seq !== state.seq + 1) return `seq ${line.seq} does not follow ${state.seq}`
  if (line.time < state.lineTime) return `its time is before that of an earlier line, ${state.lineTime}`
  const event = onElapsed(line, timelineAfter(state, line).time)
  if (event.event === 'opened') return state.seq === 0 ? undefined : 'a log is opened once, by its first line'
  if (isTaskEvent(event) && event.event !== 'added') return taskInconsistency(state, event)
  if (state.seq === 0) return 'the first line must be "opened"'
  return event.event === 'added' && state.table.get(event.taskId) !== undefined
    ? `the task ${event.taskId} exists already`
    : undefined
}

/** Whether a lease that begins with `event` is one more than the task's kind may have. */
const exceedsLimit = (state: State, task: Task, { time, leaseUntil }: Claimed | Renewed): boolean =>
  (leaseUntil === null || time < leaseUntil) && roomIn(state, task.kind, time) <= 0

const taskInconsistency = (state: State, event: Exclude<TaskEvent, Added>): string | undefined => {
  const task = state.table.get(event.taskId)
  if (task === undefined) return `there is no task ${event.taskId}`
  const { claim } = task
  switch (event.event) {
    case 'claimed':
      if (task.status !== 'ready') return `the task ${task.id} is ${task.status}`
      if (claim !== undefined && isLive(claim, event.time))
        return `the task ${task.id} is held by ${claim.worker} under token ${claim.token}`
      if (exceedsLimit(state, task, event)) return `the kind ${task.kind} was at its limit`
      if (event.attempt !== task.attempts + 1) return `attempt ${event.attempt} does not follow ${task.attempts}`
      return task.attempts < maxAttemptsOf(state, task) || event.attempt === 1
        ? undefined
        : `the task ${task.id} has no attempts left`
    case 'renewed':
    case 'completed':
    case 'failed':
    case 'released':
      if (claim === undefined) return `nobody holds the task ${task.id}`
      if (claim.token !== event.token || claim.worker !== event.worker)
        return `the task ${task.id} is held by ${claim.worker} under token ${claim.token}`
      return event.event === 'renewed' && !isLive(claim, event.time) && exceedsLimit(state, task, event)
        ? `the kind ${task.kind} was at its limit`
        : undefined
    case 'held':
      return task.finished === undefined && task.hold === undefined ? undefined : `the task ${task.id} cannot be held`
    case 'unheld':
      return task.hold === undefined ? `the task ${task.id} is not held` : undefined
    case 'cancelled':
      return task.finished === undefined ? undefined : `the task ${task.id} is ${task.status}`
    case 'retried':
      return task.finished === undefined ? `the task ${task.id} is ${task.status}` : undefined
    case 'amended':
    case 'noted':
      return undefined
  }
}
