import type { Kind, Time } from '../../values/scalars.ts'
import { maxAttemptsOf, type State, taskOf } from '../../state/state.ts'
import { kindIndices } from '../../state/table.ts'
import { type Claim, comesBefore, type Task } from '../../state/task.ts'
import type { Failed } from '../../events/index.ts'
import { after } from '../../time/clock.ts'

/** A claimed task whose lease has expired and that has no attempts left. */
export type UsedUp = { readonly task: Task; readonly claim: Claim }

/**
 * The result of a search: the first claimable tasks in order, and the expired claims found that have no attempts left.
 */
export type Search = { readonly tasks: ReadonlyArray<Task>; readonly usedUp: ReadonlyArray<UsedUp> }

/**
 * The first `count` tasks of `kinds` (empty: any kind) that can be claimed together at `now`: by priority, then by age,
 * and no more of a kind than its limit allows. These are the first tasks without a guard. They are found at the head of
 * each index and among the leases and delays that ended since the last claim, never by a scan of all tasks.
 */
export const findClaimable = (state: State, kinds: ReadonlyArray<Kind>, now: Time, count: number): Search => {
  const usedUp: Array<UsedUp> = []
  const found: Array<Task> = []
  for (const kind of kinds.length === 0 ? kindsInReach(state, now, count) : new Set(kinds)) {
    const room = state.table.rules(kind).paused === undefined ? roomIn(state, kind, now) : 0
    if (room === 0) continue
    const free = freeOf(state, kind, now, count)
    // No spread: there may be more of them than a call can have arguments.
    for (const each of free.usedUp) usedUp.push(each)
    for (const task of free.tasks.slice(0, room)) found.push(task)
  }
  return { tasks: firstInOrder(found, count), usedUp }
}

/**
 * The kinds that can have one of the first `count` tasks, or an expired claim with no attempts left, sorted by name:
 * those whose ready tasks come first, and those with leases or delays that have ended.
 */
const kindsInReach = ({ table }: State, now: Time, count: number): ReadonlyArray<Kind> => {
  const kinds = new Set<Kind>()
  for (const { id } of table.kindsInOrder('leased', now)) kinds.add(id)
  for (const { id } of table.kindsInOrder('due', now)) kinds.add(id)
  for (const { id } of table.kindsInOrder('usedUp')) kinds.add(id)
  let left = count
  for (const { id } of table.kindsInOrder('ready')) {
    kinds.add(id)
    left -= 1
    if (left === 0) break
  }
  return [...kinds].sort()
}

/** The first `count` tasks of a kind that could be claimed at `now` if the kind is neither paused nor full. */
export const freeOf = (state: State, kind: Kind, now: Time, count: number): Search => {
  const usedUp: Array<UsedUp> = []
  const free: Array<Task> = []
  for (const task of candidates(state, kind, now, count))
    if (isUsedUp(state, task)) usedUp.push({ task, claim: task.claim })
    else free.push(task)
  return { tasks: firstInOrder(free, count), usedUp }
}

/**
 * The number of tasks of a kind that could be claimed at `now` if the kind is neither paused nor full. The cost depends
 * on the leases and delays that ended since the last claim, not on the number of tasks.
 */
export const freeCount = (state: State, kind: Kind, now: Time): number => {
  const { table } = state
  let free = table.count('ready', kind) + [...table.range('due', kind, now)].length
  for (const id of table.range('leased', kind, now)) {
    const task = taskOf(state, id)
    if (!isUsedUp(state, task) && !isTooEarly(task, now)) free += 1
  }
  return free
}

/** The kinds with open tasks that are not blocked. Sorted by name, as a table returns them in any order. */
export const kindsWithWork = ({ table }: State): ReadonlyArray<Kind> => {
  const kinds = new Set<Kind>()
  for (const index of kindIndices) for (const kind of table.partitions(index)) kinds.add(kind)
  return [...kinds].sort()
}

const firstInOrder = (tasks: Array<Task>, count: number): ReadonlyArray<Task> =>
  tasks.length < 2 ? tasks : tasks.sort((a, b) => (comesBefore(a, b) ? -1 : 1)).slice(0, count)

/**
 * The ready tasks of a kind up to the `count`-th that has attempts left, and those whose lease or delay ended by `now`.
 */
const candidates = function* (state: State, kind: Kind, now: Time, count: number): Generator<Task> {
  let left = count
  for (const id of state.table.range('ready', kind)) {
    const task = taskOf(state, id)
    yield task
    if (!isUsedUp(state, task)) left -= 1
    if (left === 0) break
  }
  for (const id of state.table.range('due', kind, now)) yield taskOf(state, id)
  for (const id of state.table.range('usedUp', kind)) yield taskOf(state, id)
  for (const id of state.table.range('leased', kind, now)) {
    const task = taskOf(state, id)
    // An amendment during the claim may have set a later due time; a task with no attempts left has failed regardless.
    if (isUsedUp(state, task) || !isTooEarly(task, now)) yield task
  }
}

/** The number of tasks of a kind that can still be claimed under its limit. */
export const roomIn = (state: State, kind: Kind, now: Time): number => {
  const { limit } = state.table.rules(kind)
  return limit === undefined ? Infinity : Math.max(0, limit.claims - liveCount(state, kind, now))
}

/** The number of live claims of a kind at `now`. The cost depends on the leases that ended since the last claim. */
export const liveCount = ({ table }: State, kind: Kind, now: Time): number =>
  table.count('leased', kind) - [...table.range('leased', kind, now)].length

/** True for a claimed task with no attempts left. Once its lease has expired, the next claim records that it failed. */
export const isUsedUp = (state: State, task: Task): task is Task & { readonly claim: Claim } =>
  task.claim !== undefined && task.attempts >= maxAttemptsOf(state, task)

/** True if the task is not due yet. */
export const isTooEarly = (task: Task, now: Time): boolean => task.dueAt !== undefined && now < task.dueAt

/**
 * The events, from `seq` on, that record tasks as failed whose last lease expired with no attempts left. They are part
 * of another decision and carry its request id and time, but no author: no command asked for them.
 */
export const lapsesOf = (
  usedUp: ReadonlyArray<UsedUp>,
  seq: number,
  stamp: Pick<Failed, 'requestId' | 'time'>,
): ReadonlyArray<Failed> =>
  usedUp.map(({ task, claim }, i) => ({
    seq: seq + i,
    event: 'failed',
    worker: claim.worker,
    taskId: task.id,
    token: claim.token,
    error: lapseError(claim.leaseUntil ?? stamp.time),
    retryAt: null,
    ...stamp,
  }))

const lapseError = (ended: string): string => `the lease ended at ${ended} and no attempts are left`

/** True if a failure was recorded because the lease expired, and not reported by the holder. */
export const isLapseError = (error: string): boolean => lapsePattern.test(error)

const lapsePattern = new RegExp(`^${lapseError('\\S+')}$`)

/** The lease of a claim: as requested, else the task's, else the workspace's. Null: no end. */
export const leaseFor = (state: State, task: Task, asked: number | null | undefined): number | null => {
  if (asked !== undefined) return asked
  return task.spec.leaseMs !== undefined ? task.spec.leaseMs : (state.workspace?.leaseMs ?? null)
}

/** The end of a lease of `leaseMs` that starts `now`; null: never. */
export const leaseEnd = (now: Time, leaseMs: number | null): Time | null =>
  leaseMs === null ? null : after(now, leaseMs)
