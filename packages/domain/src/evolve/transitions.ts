/** Pure functions from a task's record and an event to the next record, and the update of the table with it. */
import type { Cancelled, Claimed, Completed, Event, Failed, Held, Paused, Released, Renewed } from '../events/index.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import {
  draftOf,
  isFinished,
  isLive,
  maxLostClaims,
  type Moment,
  type OrderMoment,
  type Settlement,
  type Status,
  type Task,
  type TaskDraft,
} from '../state/task.ts'
import { later } from '../time/clock.ts'
import { openPlace, standingPlace } from '../state/state.ts'
import type { Place, Table } from '../state/table.ts'

export const momentOf = ({ seq, time }: Event): Moment => ({ seq, time })

export const orderMomentOf = ({ seq, time, reason, by }: Held | Cancelled | Paused): OrderMoment => ({
  seq,
  time,
  reason,
  by,
})

/** Returns `notBefore` if it is still in the future at `time`. */
export const dueAfter = (notBefore: Time | undefined, time: Time): Time | undefined =>
  notBefore !== undefined && time < notBefore ? notBefore : undefined

/** The task without its claim; the holder is recorded as one that lost it. */
const withoutClaim = (task: Task): TaskDraft => {
  const { claim, lost = [] } = task
  const unclaimed = draftOf(task)
  unclaimed.claim = undefined
  unclaimed.dueAt = undefined
  if (claim !== undefined)
    unclaimed.lost = [...lost, { worker: claim.worker, token: claim.token }].slice(-maxLostClaims)
  return unclaimed
}

/** Grants the task to a worker; a previous holder has lost it. */
export const claimed = (task: Task, event: Claimed): Task => {
  const { worker, attempt, leaseUntil, seq: token, time: claimedAt } = event
  const taken = withoutClaim(task)
  taken.attempts = attempt
  taken.claim = {
    worker,
    token,
    attempt,
    claimedAt,
    leaseUntil,
    leaseSetBy: momentOf(event),
    lapsed: false,
    progress: undefined,
  }
  return taken
}

/** Marks the claim as expired, for good if no attempts are left. */
export const lapsed = (task: Task, maxAttempts: number): Task => {
  const { claim } = task
  if (claim === undefined) return task
  const free = draftOf(task)
  free.claim = { ...claim, lapsed: task.attempts < maxAttempts ? 'for now' : 'for good' }
  return free
}

/** Makes the task due. */
export const due = (task: Task): Task => {
  const free = draftOf(task)
  free.dueAt = undefined
  return free
}

export const renewed = (task: Task, event: Renewed): Task => {
  const { claim } = task
  if (claim === undefined || isFinished(task)) return task
  return {
    ...task,
    claim: {
      ...claim,
      leaseUntil: event.leaseUntil,
      leaseSetBy: momentOf(event),
      lapsed: isLive({ ...claim, leaseUntil: event.leaseUntil }, event.time) ? false : claim.lapsed,
      progress: event.progress ?? claim.progress,
    },
  }
}

/** Removes the claim and records how its holder ended it. */
const settled = (task: Task, settlement: Settlement): TaskDraft => {
  const ended = draftOf(task)
  ended.claim = undefined
  ended.settled = settlement
  return ended
}

export const completed = (task: Task, event: Completed): Task => {
  const { seq, time, worker, token, result } = event
  const done = settled(task, { event: 'completed', seq, time, worker, token, result })
  done.status = 'done'
  done.finished = momentOf(event)
  return done
}

const withOpenNeeds = (task: Task, openNeeds: number): Task => {
  const changed = draftOf(task)
  changed.openNeeds = openNeeds
  return changed
}

/** Counts a dependency that is now done. */
export const needDone = (task: Task): Task => withOpenNeeds(task, Math.max(0, task.openNeeds - 1))

/** Counts a dependency that is no longer done. */
export const needReopened = (task: Task): Task => withOpenNeeds(task, task.openNeeds + 1)

/** Schedules the next attempt, or fails the task if there is none. */
export const failed = (task: Task, event: Failed): Task => {
  if (isFinished(task)) return task
  const { seq, time, worker, token, error, retryAt } = event
  const unclaimed = settled(task, { event: 'failed', seq, time, worker, token, error, retryAt })
  if (retryAt === null) return { ...unclaimed, dueAt: undefined, status: 'failed', finished: momentOf(event) }
  return { ...unclaimed, dueAt: dueAfter(later(retryAt, task.spec.notBefore ?? retryAt), event.time) }
}

/** Releases the claim without counting the attempt. */
export const released = (task: Task, event: Released): Task => {
  if (isFinished(task)) return task
  const attempts = task.claim === undefined ? task.attempts : task.claim.attempt - 1
  const { seq, time, worker, token } = event
  const unclaimed = settled(task, { event: 'released', seq, time, worker, token })
  return { ...unclaimed, attempts, dueAt: dueAfter(task.spec.notBefore, event.time) }
}

export const held = (task: Task, event: Held): Task => ({
  ...task,
  hold: orderMomentOf(event),
})

/** Cancels the task and removes its claim and its hold. */
export const cancelled = (task: Task, event: Cancelled): Task => ({
  ...withoutClaim(task),
  hold: undefined,
  status: 'cancelled',
  finished: orderMomentOf(event),
})

/** Makes a finished task ready again, with all its attempts. */
export const retried = (task: Task, event: Event): Task => ({
  ...withoutClaim(task),
  attempts: 0,
  dueAt: dueAfter(task.spec.notBefore, event.time),
  settled: undefined,
  finished: undefined,
  revived: momentOf(event),
  status: 'ready',
})

/**
 * Replaces a task's record and moves the task between indices. The status of an open task, `blocked` or
 * `ready`, is derived from the other fields; a task that becomes blocked loses its claim.
 */
export const replace = (table: Table, before: Task | undefined, changed: Task): void => {
  const after = changed.finished === undefined ? open(changed) : changed
  const wasOpen = before !== undefined && before.finished === undefined
  const isOpen = after.finished === undefined
  if (wasOpen && !isOpen) table.delete(openPlace(after))
  if (isOpen && !wasOpen) table.insert(openPlace(after), after.id)
  const from = before === undefined ? undefined : standingPlace(before)
  const to = standingPlace(after)
  if (from === undefined) table.insert(to, after.id)
  else if (!isSamePlace(from, to)) {
    table.delete(from)
    table.insert(to, after.id)
  }
  table.put(after)
}

const isSamePlace = (a: Place, b: Place): boolean =>
  a.index === b.index && a.rank === b.rank && a.partition === b.partition && a.seq === b.seq

const open = (task: Task): Task => {
  const status: Status = task.hold !== undefined || task.openNeeds > 0 ? 'blocked' : 'ready'
  const kept = status === 'blocked' && task.claim !== undefined ? { ...withoutClaim(task), dueAt: task.dueAt } : task
  return status === kept.status ? kept : { ...kept, status }
}

/** Replaces the record of the task `id` with the result of `update`; does nothing if there is no such task. */
export const change = (table: Table, id: TaskId, update: (task: Task) => Task): void => {
  const task = table.get(id)
  if (task !== undefined) replace(table, task, update(task))
}
