/** Pure functions from a task's record and an event to the next record, and the update of the table with it. */
import type { Cancelled, Claimed, Completed, Event, Failed, Held, Paused, Released, Renewed } from '../events/index.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import {
  mutableCopy,
  isFinished,
  isLive,
  lostClaimsMax,
  type EventRef,
  type OperatorAction,
  type ClaimEnd,
  type Status,
  type Task,
  type MutableTask,
} from '../state/task.ts'
import { laterTime } from '../time/clock.ts'
import { openIndexEntry, statusIndexEntry } from '../state/state.ts'
import type { IndexEntry, Table } from '../state/table.ts'

export const eventRef = ({ seq, time }: Event): EventRef => ({ seq, time })

export const operatorAction = ({ seq, time, reason, by }: Held | Cancelled | Paused): OperatorAction => ({
  seq,
  time,
  reason,
  by,
})

/** Returns `notBefore` if it is still in the future at `time`. */
export const pendingDueTime = (notBefore: Time | undefined, time: Time): Time | undefined =>
  notBefore !== undefined && time < notBefore ? notBefore : undefined

/** The task without its claim; the holder is recorded as one that lost it. */
const dropClaim = (task: Task): MutableTask => {
  const { claim, lost = [] } = task
  const unclaimed = mutableCopy(task)
  unclaimed.claim = undefined
  unclaimed.dueAt = undefined
  if (claim !== undefined)
    unclaimed.lost = [...lost, { worker: claim.worker, token: claim.token }].slice(-lostClaimsMax)
  return unclaimed
}

/** Grants the task to a worker; a previous holder has lost it. */
export const applyClaimed = (task: Task, event: Claimed): Task => {
  const { worker, attempt, leaseUntil, seq: token, time: claimedAt } = event
  const granted = dropClaim(task)
  granted.attempts = attempt
  granted.claim = {
    worker,
    token,
    attempt,
    claimedAt,
    leaseUntil,
    leaseSetBy: eventRef(event),
    lapsed: false,
    progress: undefined,
  }
  return granted
}

/** Marks the claim as expired, for good if no attempts are left. */
export const expireClaim = (task: Task, maxAttempts: number): Task => {
  const { claim } = task
  if (claim === undefined) return task
  const copy = mutableCopy(task)
  copy.claim = { ...claim, lapsed: task.attempts < maxAttempts ? 'for now' : 'for good' }
  return copy
}

/** Makes the task due. */
export const clearDue = (task: Task): Task => {
  const copy = mutableCopy(task)
  copy.dueAt = undefined
  return copy
}

export const applyRenewed = (task: Task, event: Renewed): Task => {
  const { claim } = task
  if (claim === undefined || isFinished(task)) return task
  return {
    ...task,
    claim: {
      ...claim,
      leaseUntil: event.leaseUntil,
      leaseSetBy: eventRef(event),
      lapsed: isLive({ ...claim, leaseUntil: event.leaseUntil }, event.time) ? false : claim.lapsed,
      progress: event.progress ?? claim.progress,
    },
  }
}

/** Removes the claim and records how its holder ended it. */
const endClaim = (task: Task, claimEnd: ClaimEnd): MutableTask => {
  const unclaimed = mutableCopy(task)
  unclaimed.claim = undefined
  unclaimed.lastClaimEnd = claimEnd
  return unclaimed
}

export const applyCompleted = (task: Task, event: Completed): Task => {
  const { seq, time, worker, token, result } = event
  const done = endClaim(task, { event: 'completed', seq, time, worker, token, result })
  done.status = 'done'
  done.finished = eventRef(event)
  return done
}

const withOpenNeeds = (task: Task, openNeeds: number): Task => {
  const updated = mutableCopy(task)
  updated.openNeeds = openNeeds
  return updated
}

/** Counts a dependency that is now done. */
export const closeNeed = (task: Task): Task => withOpenNeeds(task, Math.max(0, task.openNeeds - 1))

/** Counts a dependency that is no longer done. */
export const reopenNeed = (task: Task): Task => withOpenNeeds(task, task.openNeeds + 1)

/** Schedules the next attempt, or fails the task if there is none. */
export const applyFailed = (task: Task, event: Failed): Task => {
  if (isFinished(task)) return task
  const { seq, time, worker, token, error, retryAt } = event
  const unclaimed = endClaim(task, { event: 'failed', seq, time, worker, token, error, retryAt })
  if (retryAt === null) return { ...unclaimed, dueAt: undefined, status: 'failed', finished: eventRef(event) }
  return { ...unclaimed, dueAt: pendingDueTime(laterTime(retryAt, task.spec.notBefore ?? retryAt), event.time) }
}

/** Releases the claim without counting the attempt. */
export const applyReleased = (task: Task, event: Released): Task => {
  if (isFinished(task)) return task
  const attempts = task.claim === undefined ? task.attempts : task.claim.attempt - 1
  const { seq, time, worker, token } = event
  const unclaimed = endClaim(task, { event: 'released', seq, time, worker, token })
  return { ...unclaimed, attempts, dueAt: pendingDueTime(task.spec.notBefore, event.time) }
}

export const applyHeld = (task: Task, event: Held): Task => ({
  ...task,
  hold: operatorAction(event),
})

/** Cancels the task and removes its claim and its hold. */
export const applyCancelled = (task: Task, event: Cancelled): Task => ({
  ...dropClaim(task),
  hold: undefined,
  status: 'cancelled',
  finished: operatorAction(event),
})

/** Makes a finished task ready again, with all its attempts. */
export const applyRetried = (task: Task, event: Event): Task => ({
  ...dropClaim(task),
  attempts: 0,
  dueAt: pendingDueTime(task.spec.notBefore, event.time),
  lastClaimEnd: undefined,
  finished: undefined,
  retriedBy: eventRef(event),
  status: 'ready',
})

/**
 * Replaces a task's record and moves the task between indices. The status of an open task, `blocked` or
 * `ready`, is derived from the other fields; a task that becomes blocked loses its claim.
 */
export const putTask = (table: Table, before: Task | undefined, updated: Task): void => {
  const after = updated.finished === undefined ? deriveStatus(updated) : updated
  const wasOpen = before !== undefined && before.finished === undefined
  const isOpen = after.finished === undefined
  if (wasOpen && !isOpen) table.delete(openIndexEntry(after))
  if (isOpen && !wasOpen) table.insert(openIndexEntry(after), after.id)
  const from = before === undefined ? undefined : statusIndexEntry(before)
  const to = statusIndexEntry(after)
  if (from === undefined) table.insert(to, after.id)
  else if (!isSameEntry(from, to)) {
    table.delete(from)
    table.insert(to, after.id)
  }
  table.put(after)
}

const isSameEntry = (a: IndexEntry, b: IndexEntry): boolean =>
  a.index === b.index && a.rank === b.rank && a.partition === b.partition && a.seq === b.seq

const deriveStatus = (task: Task): Task => {
  const status: Status = task.hold !== undefined || task.openNeeds > 0 ? 'blocked' : 'ready'
  const updated = status === 'blocked' && task.claim !== undefined ? { ...dropClaim(task), dueAt: task.dueAt } : task
  return status === updated.status ? updated : { ...updated, status }
}

/** Replaces the record of the task `id` with the result of `update`; does nothing if there is no such task. */
export const updateTask = (table: Table, id: TaskId, update: (task: Task) => Task): void => {
  const task = table.get(id)
  if (task !== undefined) putTask(table, task, update(task))
}
