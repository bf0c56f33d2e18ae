import type { Kind, Time } from '../../values/scalars.ts'
import { maxAttemptsOf, type State, taskOf } from '../../state/state.ts'
import { kindIndices } from '../../state/table.ts'
import { type Claim, comesBefore, type Task } from '../../state/task.ts'
import type { Failed } from '../../events/index.ts'
import { after } from '../../time/clock.ts'

/** A claimed task whose lease has ended and which has no attempts left. */
export type UsedUp = { readonly task: Task; readonly claim: Claim }

/** What there is to claim at a moment: the first tasks in order, and the claims found dead on the way. */
export type Search = { readonly tasks: ReadonlyArray<Task>; readonly usedUp: ReadonlyArray<UsedUp> }

/**
 * The first `count` tasks that can be claimed together at `now` among `kinds` (none named: any): by priority, then by
 * age, no more of a kind than its limit has room for. These are the first tasks without a guard; they are found at the
 * head of each order and among what time has freed since the last claim, never by looking at all tasks.
 */
export const findClaimable = (state: State, kinds: ReadonlyArray<Kind>, now: Time, count: number): Search => {
  const usedUp: Array<UsedUp> = []
  const found: Array<Task> = []
  for (const kind of kinds.length === 0 ? kindsInReach(state, now, count) : new Set(kinds)) {
    const room = state.table.rules(kind).paused === undefined ? roomIn(state, kind, now) : 0
    if (room === 0) continue
    const free = freeOf(state, kind, now, count)
    // One by one: there may be more of them than a call can have arguments.
    for (const each of free.usedUp) usedUp.push(each)
    for (const task of free.tasks.slice(0, room)) found.push(task)
  }
  return { tasks: firstInOrder(found, count), usedUp }
}

/**
 * The kinds of which the first `count` tasks of any kind are, and the claims found dead on the way, in the order of their
 * names: those whose ready tasks come first, and those of which time has freed tasks, or taken their last attempts.
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

/** The first `count` tasks of one kind that nothing but the kind's own rules can keep from being claimed at `now`. */
export const freeOf = (state: State, kind: Kind, now: Time, count: number): Search => {
  const usedUp: Array<UsedUp> = []
  const free: Array<Task> = []
  for (const task of candidates(state, kind, now, count))
    if (isUsedUp(state, task)) usedUp.push({ task, claim: task.claim })
    else free.push(task)
  return { tasks: firstInOrder(free, count), usedUp }
}

/**
 * How many tasks of one kind nothing but the kind's own rules keeps from being claimed at `now`. It costs what time has
 * freed since the last claim, not what there is.
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

/** The kinds of which there are open tasks that are not blocked, in the order of their names: a table gives them in any. */
export const kindsWithWork = ({ table }: State): ReadonlyArray<Kind> => {
  const kinds = new Set<Kind>()
  for (const index of kindIndices) for (const kind of table.partitions(index)) kinds.add(kind)
  return [...kinds].sort()
}

const firstInOrder = (tasks: Array<Task>, count: number): ReadonlyArray<Task> =>
  tasks.length < 2 ? tasks : tasks.sort((a, b) => (comesBefore(a, b) ? -1 : 1)).slice(0, count)

/** The ready tasks of a kind up to the `count`-th that has attempts left, and all that time has freed by `now`. */
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
    // Whoever amended it while it was claimed may have said that its time is still to come; one that is used up has failed.
    if (isUsedUp(state, task) || !isTooEarly(task, now)) yield task
  }
}

/** How many more tasks of a kind may be claimed at once. */
export const roomIn = (state: State, kind: Kind, now: Time): number => {
  const { limit } = state.table.rules(kind)
  return limit === undefined ? Infinity : Math.max(0, limit.claims - liveCount(state, kind, now))
}

/** How many claims of a kind keep others out at `now`: it costs what has ended since the last claim, not what there is. */
export const liveCount = ({ table }: State, kind: Kind, now: Time): number =>
  table.count('leased', kind) - [...table.range('leased', kind, now)].length

/** A task held under a lease that has ended, with no attempts left: the next claim says that it failed. */
export const isUsedUp = (state: State, task: Task): task is Task & { readonly claim: Claim } =>
  task.claim !== undefined && task.attempts >= maxAttemptsOf(state, task)

/** Whether the task's time is still to come. */
export const isTooEarly = (task: Task, now: Time): boolean => task.dueAt !== undefined && now < task.dueAt

/**
 * The events, from `seq` on, that record tasks as failed whose last lease ended with no attempts left. They are part of
 * another decision, of which they carry the request and the time; nobody gave an order for them.
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

/** Whether a failure was recorded by another decision, in the name of a holder who did not say it. */
export const isLapseError = (error: string): boolean => lapsePattern.test(error)

const lapsePattern = new RegExp(`^${lapseError('\\S+')}$`)

/** How long a claim lasts: what the claimer asks, else what the task says, else the workspace. Null: without an end. */
export const leaseFor = (state: State, task: Task, asked: number | null | undefined): number | null => {
  if (asked !== undefined) return asked
  return task.spec.leaseMs !== undefined ? task.spec.leaseMs : (state.workspace?.leaseMs ?? null)
}

/** When a lease of `leaseMs` that starts `now` ends; null: never. */
export const leaseEnd = (now: Time, leaseMs: number | null): Time | null =>
  leaseMs === null ? null : after(now, leaseMs)
