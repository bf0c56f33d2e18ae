/** What an event makes of a task's record, which is pure, and how the new record takes the old one's place in the table. */
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

/** The moment of an event. */
export const momentOf = ({ seq, time }: Event): Moment => ({ seq, time })

/** The moment of an order, with why and by whom it was given. */
export const orderMomentOf = ({ seq, time, reason, by }: Held | Cancelled | Paused): OrderMoment => ({
  seq,
  time,
  reason,
  by,
})

/** The moment a task waits for, where it is still to come at `time`. */
export const dueAfter = (notBefore: Time | undefined, time: Time): Time | undefined =>
  notBefore !== undefined && time < notBefore ? notBefore : undefined

/** The task without its claim; a holder that did not settle is remembered as one who lost it. */
const withoutClaim = (task: Task): TaskDraft => {
  const { claim: held, lost = [] } = task
  const unclaimed = draftOf(task)
  unclaimed.claim = undefined
  unclaimed.dueAt = undefined
  if (held !== undefined) unclaimed.lost = [...lost, { worker: held.worker, token: held.token }].slice(-maxLostClaims)
  return unclaimed
}

/** A worker has it, and whoever had it before has lost it. */
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

/** A claim has seen its lease end; it may be claimed `maxAttempts` times. */
export const lapsed = (task: Task, maxAttempts: number): Task => {
  const { claim: held } = task
  if (held === undefined) return task
  const free = draftOf(task)
  free.claim = { ...held, lapsed: task.attempts < maxAttempts ? 'for now' : 'for good' }
  return free
}

/** The moment it waited for has come. */
export const due = (task: Task): Task => {
  const free = draftOf(task)
  free.dueAt = undefined
  return free
}

/** The claim lasts longer. */
export const renewed = (task: Task, event: Renewed): Task => {
  const { claim: held } = task
  if (held === undefined || isFinished(task)) return task
  const lapsed = isLive({ ...held, leaseUntil: event.leaseUntil }, event.time) ? false : held.lapsed
  return {
    ...task,
    claim: {
      ...held,
      leaseUntil: event.leaseUntil,
      leaseSetBy: momentOf(event),
      lapsed,
      progress: event.progress ?? held.progress,
    },
  }
}

/** The holder has ended the claim in the way that `settlement` says. */
const settled = (task: Task, settlement: Settlement): TaskDraft => {
  const ended = draftOf(task)
  ended.claim = undefined
  ended.settled = settlement
  return ended
}

/** It is done. */
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

/** One of its needs is done. */
export const needDone = (task: Task): Task => withOpenNeeds(task, Math.max(0, task.openNeeds - 1))

/** One of its needs is no longer done. */
export const needReopened = (task: Task): Task => withOpenNeeds(task, task.openNeeds + 1)

/** The attempt failed: it waits for the next, or there is none. */
export const failed = (task: Task, event: Failed): Task => {
  if (isFinished(task)) return task
  const { seq, time, worker, token, error, retryAt } = event
  const unclaimed = settled(task, { event: 'failed', seq, time, worker, token, error, retryAt })
  if (retryAt === null) return { ...unclaimed, dueAt: undefined, status: 'failed', finished: momentOf(event) }
  return { ...unclaimed, dueAt: dueAfter(later(retryAt, task.spec.notBefore ?? retryAt), event.time) }
}

/** Given back: the attempt does not count. */
export const released = (task: Task, event: Released): Task => {
  if (isFinished(task)) return task
  const attempts = task.claim === undefined ? task.attempts : task.claim.attempt - 1
  const { seq, time, worker, token } = event
  const unclaimed = settled(task, { event: 'released', seq, time, worker, token })
  return { ...unclaimed, attempts, dueAt: dueAfter(task.spec.notBefore, event.time) }
}

/** Put aside. */
export const held = (task: Task, event: Held): Task => ({
  ...task,
  hold: orderMomentOf(event),
})

/** Will not be done: it is in nobody's hands, and no longer merely aside. */
export const cancelled = (task: Task, event: Cancelled): Task => ({
  ...withoutClaim(task),
  hold: undefined,
  status: 'cancelled',
  finished: orderMomentOf(event),
})

/** To be done after all, as if it had never been tried. */
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
 * Puts a task's new record in place of the old one and moves it between indices. An open task is `blocked` or `ready`
 * by what else the record says; whoever had one that is blocked now has lost it.
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

/** Replaces the task `id` by what `changed` makes of it; nothing where there is no such task. */
export const change = (table: Table, id: TaskId, changed: (task: Task) => Task): void => {
  const task = table.get(id)
  if (task !== undefined) replace(table, task, changed(task))
}
