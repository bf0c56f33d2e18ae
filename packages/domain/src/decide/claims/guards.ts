import type { Kind, Label, TaskId, Time, WorkerName } from '../../values/scalars.ts'
import type { State } from '../../state/state.ts'
import { type Claim, isLive, type Status, type Task } from '../../state/task.ts'
import { isNotDue, isExhausted, countLiveClaims, freeSlots } from './claimable.ts'

/**
 * A reason why a task cannot be claimed. `seq` is the event that caused it and `since` its time; `clears` lists the
 * times and events that would remove it.
 */
export type Guard = { readonly seq: number; readonly since: Time; readonly clears: ReadonlyArray<Clearing> } & (
  | { readonly guard: 'finished'; readonly status: Status; readonly worker?: WorkerName; readonly reason?: string }
  | { readonly guard: 'held'; readonly reason?: string; readonly by?: Label }
  | { readonly guard: 'need'; readonly need: TaskId; readonly status: Status; readonly worker?: WorkerName }
  | { readonly guard: 'claimed'; readonly worker: WorkerName; readonly token: number; readonly until: Time | null }
  | { readonly guard: 'attempts'; readonly attempts: number }
  | { readonly guard: 'not_due'; readonly until: Time; readonly waitsFor: 'not_before' | 'retry' }
  | { readonly guard: 'paused'; readonly kind: Kind; readonly reason?: string; readonly by?: Label }
  | { readonly guard: 'full'; readonly kind: Kind; readonly limit: number; readonly until: Time | undefined }
)

/** One thing that removes a guard: a point in time, or an event. */
export type Clearing =
  | { readonly at: Time }
  | {
      readonly event: 'completed' | 'released' | 'retried' | 'unheld' | 'amended'
      readonly taskId: TaskId
    }
  | { readonly event: 'resumed' | 'limited'; readonly kind: Kind }

/** A guard of all tasks of a kind. */
export type KindGuard = Extract<Guard, { guard: 'paused' | 'full' }>

/**
 * All guards of `task` at `now`, in order of precedence; empty: it can be claimed. `claim --task` refuses with the
 * first, `why` lists them all, and the search for work finds exactly the tasks that have none.
 */
export const listGuards = (state: State, task: Task, now: Time): ReadonlyArray<Guard> => {
  const { id: taskId, finished, hold } = task
  if (finished !== undefined) {
    const { seq, time: since, reason } = finished
    const { status, lastClaimEnd } = task
    const worker = status === 'cancelled' ? undefined : lastClaimEnd?.worker
    const finishReason = status === 'failed' ? lastClaimEnd?.error : reason
    return [{ guard: 'finished', seq, since, status, worker, reason: finishReason, clears: [retryClearing(taskId)] }]
  }
  const guards: Array<Guard> = []
  if (hold !== undefined) {
    const { seq, time: since, reason, by } = hold
    guards.push({ guard: 'held', seq, since, reason, by, clears: [{ event: 'unheld', taskId }] })
  }
  for (const need of listOpenNeeds(state, task)) guards.push(createNeedGuard(state, task, need))
  const claimGuard = findClaimGuard(state, task, now)
  if (claimGuard !== undefined) guards.push(claimGuard)
  const dueGuard = findDueGuard(task, now)
  if (dueGuard !== undefined) guards.push(dueGuard)
  const kindGuard = findKindGuard(state, task.kind, now)
  if (kindGuard !== undefined) guards.push(kindGuard)
  return guards
}

/** The dependencies of `task` that are not done, in the order in which it lists them. */
export const listOpenNeeds = (state: State, task: Task): ReadonlyArray<TaskId> =>
  [...new Set(task.spec.needs)].filter(need => state.table.get(need)?.status !== 'done')

/** Those of `needs` that have failed or were cancelled: they stay open unless they are retried. */
export const listDeadNeeds = (state: State, needs: ReadonlyArray<TaskId>): ReadonlyArray<TaskId> =>
  needs.filter(need => isDead(state.table.get(need)?.status))

/** The guard of all tasks of a kind: paused or full; undefined: neither. */
export const findKindGuard = (state: State, kind: Kind, now: Time): KindGuard | undefined => {
  const { paused, limit } = state.table.rules(kind)
  if (paused !== undefined) {
    const { seq, time: since, reason, by } = paused
    return { guard: 'paused', kind, seq, since, reason, by, clears: [{ event: 'resumed', kind }] }
  }
  if (limit === undefined || freeSlots(state, kind, now) > 0) return undefined
  const { seq, time: since, claims } = limit
  const until = nextFreeSlotTime(state, kind, now, claims)
  const clears: ReadonlyArray<Clearing> = [...(until === undefined ? [] : [{ at: until }]), { event: 'limited', kind }]
  return { guard: 'full', kind, seq, since, limit: claims, until, clears }
}

/** The live claims of a kind at `now`, by the end of their leases. */
const listLiveClaims = function* (state: State, kind: Kind, now: Time): Generator<Claim> {
  for (const id of state.table.range('leased', kind)) {
    const claim = state.table.get(id)?.claim
    if (claim !== undefined && isLive(claim, now)) yield claim
  }
}

/** When enough leases of a kind will have expired to be below `limit`; undefined: they do not expire. */
const nextFreeSlotTime = (state: State, kind: Kind, now: Time, limit: number): Time | undefined => {
  let excess = countLiveClaims(state, kind, now) - limit
  for (const { leaseUntil } of listLiveClaims(state, kind, now)) {
    if (excess === 0) return leaseUntil ?? undefined
    excess -= 1
  }
  return undefined
}

/** The earliest end of a live lease of a kind; expired ones before it have no attempts left. */
export const nextLeaseEnd = (state: State, kind: Kind, now: Time): Time | undefined => {
  const [first] = listLiveClaims(state, kind, now)
  return first?.leaseUntil ?? undefined
}

const isDead = (status: Status | undefined): boolean => status === 'failed' || status === 'cancelled'

const retryClearing = (taskId: TaskId): Clearing => ({ event: 'retried', taskId })

const createNeedGuard = (state: State, task: Task, need: TaskId): Guard => {
  const needed = state.table.get(need)
  if (needed === undefined) {
    // Only a log that another program wrote has a dependency that was never added.
    const clears: ReadonlyArray<Clearing> = [{ event: 'amended', taskId: task.id }]
    return { guard: 'need', need, status: 'blocked', seq: task.seq, since: task.addedAt, clears }
  }
  const { status } = needed
  const clears: ReadonlyArray<Clearing> = isDead(status)
    ? [retryClearing(need), { event: 'amended', taskId: task.id }]
    : [{ event: 'completed', taskId: need }]
  return { guard: 'need', need, status, worker: needed.claim?.worker, ...lastStatusChange(needed), clears }
}

/** The event that gave a task its current status. */
const lastStatusChange = ({
  finished,
  hold,
  claim,
  lastClaimEnd,
  retriedBy,
  seq,
  addedAt,
}: Task): Pick<Guard, 'seq' | 'since'> => {
  const claimEvent = claim === undefined ? undefined : { seq: claim.token, time: claim.claimedAt }
  const change = finished ?? hold ?? claimEvent ?? lastClaimEnd ?? retriedBy ?? { seq, time: addedAt }
  return { seq: change.seq, since: change.time }
}

const findClaimGuard = (state: State, task: Task, now: Time): Guard | undefined => {
  const { id: taskId, claim } = task
  if (claim === undefined) return undefined
  if (isLive(claim, now)) {
    const { worker, token, leaseUntil: until, leaseSetBy } = claim
    const clears: ReadonlyArray<Clearing> = [...(until === null ? [] : [{ at: until }]), { event: 'released', taskId }]
    const { seq, time: since } = leaseSetBy
    return { guard: 'claimed', seq, since, worker, token, until, clears }
  }
  if (!isExhausted(state, task)) return undefined
  const { token: seq, claimedAt: since } = claim
  return { guard: 'attempts', seq, since, attempts: task.attempts, clears: [{ event: 'amended', taskId }] }
}

const findDueGuard = (task: Task, now: Time): Guard | undefined => {
  const { id: taskId, dueAt: until, lastClaimEnd } = task
  if (until === undefined || !isNotDue(task, now)) return undefined
  const clears: ReadonlyArray<Clearing> = [{ at: until }, { event: 'amended', taskId }]
  if (lastClaimEnd?.retryAt === until)
    return { guard: 'not_due', waitsFor: 'retry', until, seq: lastClaimEnd.seq, since: lastClaimEnd.time, clears }
  const { seq, time: since } = task.notBeforeSetBy ?? { seq: task.seq, time: task.addedAt }
  return { guard: 'not_due', waitsFor: 'not_before', until, seq, since, clears }
}
