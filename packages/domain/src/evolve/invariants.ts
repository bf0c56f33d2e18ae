import { toElapsedEvent, advanceTimeline } from '../time/clock.ts'
import { type Added, type Claimed, type Event, isTaskEvent, type Renewed, type TaskEvent } from '../events/index.ts'
import { allowedAttempts, type State } from '../state/state.ts'
import { isLive, type Task } from '../state/task.ts'
import { freeSlots } from '../decide/claims/claimable.ts'

/**
 * Returns a sentence that explains why no decision in `state` can have led to this event; undefined if one can.
 * `verify` checks this for each line, after its shape and the chain: a violation shows that the log was not
 * written by claimlog.
 */
export const invariantViolation = (state: State, line: Event): string | undefined => {
  if (line.seq !== state.seq + 1) return `seq ${line.seq} does not follow ${state.seq}`
  if (line.time < state.lineTime) return `its time is before that of an earlier line, ${state.lineTime}`
  const event = toElapsedEvent(line, advanceTimeline(state, line).time)
  if (event.event === 'opened') return state.seq === 0 ? undefined : 'only the first line may be "opened"'
  if (isTaskEvent(event) && event.event !== 'added') return taskViolation(state, event)
  if (state.seq === 0) return 'the first line must be "opened"'
  return event.event === 'added' && state.table.get(event.taskId) !== undefined
    ? `the task ${event.taskId} already exists`
    : undefined
}

/** True if a lease that starts with this event exceeds the limit of the task's kind. */
const exceedsLimit = (state: State, task: Task, { time, leaseUntil }: Claimed | Renewed): boolean =>
  (leaseUntil === null || time < leaseUntil) && freeSlots(state, task.kind, time) <= 0

const taskViolation = (state: State, event: Exclude<TaskEvent, Added>): string | undefined => {
  const task = state.table.get(event.taskId)
  if (task === undefined) return `there is no task ${event.taskId}`
  const { claim } = task
  switch (event.event) {
    case 'claimed':
      if (task.status !== 'ready') return `the task ${task.id} is ${task.status}`
      if (claim !== undefined && isLive(claim, event.time))
        return `the task ${task.id} is claimed by ${claim.worker} with token ${claim.token}`
      if (exceedsLimit(state, task, event)) return `the kind ${task.kind} was at its limit`
      if (event.attempt !== task.attempts + 1) return `attempt ${event.attempt} does not follow ${task.attempts}`
      return task.attempts < allowedAttempts(state, task) || event.attempt === 1
        ? undefined
        : `the task ${task.id} has no attempts left`
    case 'renewed':
    case 'completed':
    case 'failed':
    case 'released':
      if (claim === undefined) return `the task ${task.id} is not claimed`
      if (claim.token !== event.token || claim.worker !== event.worker)
        return `the task ${task.id} is claimed by ${claim.worker} with token ${claim.token}`
      return event.event === 'renewed' && !isLive(claim, event.time) && exceedsLimit(state, task, event)
        ? `the kind ${task.kind} was at its limit`
        : undefined
    case 'held':
      return task.finished === undefined && task.hold === undefined
        ? undefined
        : `the task ${task.id} cannot be put on hold`
    case 'unheld':
      return task.hold === undefined ? `the task ${task.id} is not on hold` : undefined
    case 'cancelled':
      return task.finished === undefined ? undefined : `the task ${task.id} is ${task.status}`
    case 'retried':
      return task.finished === undefined ? `the task ${task.id} is ${task.status}` : undefined
    case 'amended':
    case 'noted':
      return undefined
  }
}
