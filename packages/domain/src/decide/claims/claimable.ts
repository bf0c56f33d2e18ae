import type { Kind, Time } from '../../values/scalars.ts'
import { allowedAttempts, type State, getTask } from '../../state/state.ts'
import { kindIndices } from '../../state/table.ts'
import { type Claim, isClaimedFirst, type Task } from '../../state/task.ts'
import type { Failed } from '../../events/index.ts'
import { addMs } from '../../time/clock.ts'

/** A claimed task whose lease has expired and that has no attempts left. */
export type ExhaustedClaim = { readonly task: Task; readonly claim: Claim }

/**
 * The result of a search: the first claimable tasks in order, and the expired claims found that have no attempts left.
 */
export type SearchResult = { readonly tasks: ReadonlyArray<Task>; readonly exhausted: ReadonlyArray<ExhaustedClaim> }

/**
 * The first `count` tasks of `kinds` (empty: any kind) that can be claimed together at `now`: by priority, then by age,
 * and no more of a kind than its limit allows. These are the first tasks without a guard. They are found at the head of
 * each index and among the leases and delays that ended since the last claim, never by a scan of all tasks.
 */
export const findClaimable = (state: State, kinds: ReadonlyArray<Kind>, now: Time, count: number): SearchResult => {
  const exhausted: Array<ExhaustedClaim> = []
  const tasks: Array<Task> = []
  for (const kind of kinds.length === 0 ? listKindsToSearch(state, now, count) : new Set(kinds)) {
    const slots = state.table.rules(kind).paused === undefined ? freeSlots(state, kind, now) : 0
    if (slots === 0) continue
    const free = findFreeTasks(state, kind, now, count)
    // No spread: there may be more of them than a call can have arguments.
    for (const exhaustedClaim of free.exhausted) exhausted.push(exhaustedClaim)
    for (const task of free.tasks.slice(0, slots)) tasks.push(task)
  }
  return { tasks: takeFirst(tasks, count), exhausted }
}

/**
 * The kinds that can have one of the first `count` tasks, or an expired claim with no attempts left, sorted by name:
 * those whose ready tasks come first, and those with leases or delays that have ended.
 */
const listKindsToSearch = ({ table }: State, now: Time, count: number): ReadonlyArray<Kind> => {
  const kinds = new Set<Kind>()
  for (const { id } of table.kindsInOrder('leased', now)) kinds.add(id)
  for (const { id } of table.kindsInOrder('due', now)) kinds.add(id)
  for (const { id } of table.kindsInOrder('exhausted')) kinds.add(id)
  let remaining = count
  for (const { id } of table.kindsInOrder('ready')) {
    kinds.add(id)
    remaining -= 1
    if (remaining === 0) break
  }
  return [...kinds].sort()
}

/** The first `count` tasks of a kind that could be claimed at `now` if the kind is neither paused nor full. */
export const findFreeTasks = (state: State, kind: Kind, now: Time, count: number): SearchResult => {
  const exhausted: Array<ExhaustedClaim> = []
  const free: Array<Task> = []
  for (const task of listCandidates(state, kind, now, count))
    if (isExhausted(state, task)) exhausted.push({ task, claim: task.claim })
    else free.push(task)
  return { tasks: takeFirst(free, count), exhausted }
}

/**
 * The number of tasks of a kind that could be claimed at `now` if the kind is neither paused nor full. The cost depends
 * on the leases and delays that ended since the last claim, not on the number of tasks.
 */
export const countFreeTasks = (state: State, kind: Kind, now: Time): number => {
  const { table } = state
  let free = table.count('ready', kind) + [...table.range('due', kind, now)].length
  for (const id of table.range('leased', kind, now)) {
    const task = getTask(state, id)
    if (!isExhausted(state, task) && !isNotDue(task, now)) free += 1
  }
  return free
}

/** The kinds with open tasks that are not blocked. Sorted by name, as a table returns them in any order. */
export const listUnblockedKinds = ({ table }: State): ReadonlyArray<Kind> => {
  const kinds = new Set<Kind>()
  for (const index of kindIndices) for (const kind of table.partitions(index)) kinds.add(kind)
  return [...kinds].sort()
}

const takeFirst = (tasks: Array<Task>, count: number): ReadonlyArray<Task> =>
  tasks.length < 2 ? tasks : tasks.sort((a, b) => (isClaimedFirst(a, b) ? -1 : 1)).slice(0, count)

/**
 * The ready tasks of a kind up to the `count`-th that has attempts left, and those whose lease or delay ended by `now`.
 */
const listCandidates = function* (state: State, kind: Kind, now: Time, count: number): Generator<Task> {
  let remaining = count
  for (const id of state.table.range('ready', kind)) {
    const task = getTask(state, id)
    yield task
    if (!isExhausted(state, task)) remaining -= 1
    if (remaining === 0) break
  }
  for (const id of state.table.range('due', kind, now)) yield getTask(state, id)
  for (const id of state.table.range('exhausted', kind)) yield getTask(state, id)
  for (const id of state.table.range('leased', kind, now)) {
    const task = getTask(state, id)
    // An amendment during the claim may have set a later due time; a task with no attempts left has failed regardless.
    if (isExhausted(state, task) || !isNotDue(task, now)) yield task
  }
}

/** The number of tasks of a kind that can still be claimed under its limit. */
export const freeSlots = (state: State, kind: Kind, now: Time): number => {
  const { limit } = state.table.rules(kind)
  return limit === undefined ? Infinity : Math.max(0, limit.claims - countLiveClaims(state, kind, now))
}

/** The number of live claims of a kind at `now`. The cost depends on the leases that expired since the last claim. */
export const countLiveClaims = ({ table }: State, kind: Kind, now: Time): number =>
  table.count('leased', kind) - [...table.range('leased', kind, now)].length

/** True for a claimed task with no attempts left. Once its lease has expired, the next claim records that it failed. */
export const isExhausted = (state: State, task: Task): task is Task & { readonly claim: Claim } =>
  task.claim !== undefined && task.attempts >= allowedAttempts(state, task)

/** True if the task is not due yet. */
export const isNotDue = (task: Task, now: Time): boolean => task.dueAt !== undefined && now < task.dueAt

/**
 * The events, from `seq` on, that record tasks as failed whose last lease expired with no attempts left. They are part
 * of another decision and carry its request id and time, but no author: no command asked for them.
 */
export const expiryFailures = (
  exhausted: ReadonlyArray<ExhaustedClaim>,
  seq: number,
  metadata: Pick<Failed, 'requestId' | 'time'>,
): ReadonlyArray<Failed> =>
  exhausted.map(({ task, claim }, i) => ({
    seq: seq + i,
    event: 'failed',
    worker: claim.worker,
    taskId: task.id,
    token: claim.token,
    error: expiryErrorMessage(claim.leaseUntil ?? metadata.time),
    retryAt: null,
    ...metadata,
  }))

const expiryErrorMessage = (leaseEnd: string): string => `the lease expired at ${leaseEnd} and no attempts are left`

/** True if a failure was recorded because the lease expired, and not reported by the holder. */
export const isExpiryError = (error: string): boolean => expiryErrorPattern.test(error)

/** Logs written by the first versions say "ended". */
const expiryErrorPattern = /^the lease (expired|ended) at \S+ and no attempts are left$/

/** The lease of a claim: as requested, else the task's, else the workspace's. Null: no end. */
export const effectiveLeaseMs = (state: State, task: Task, requestedMs: number | null | undefined): number | null => {
  if (requestedMs !== undefined) return requestedMs
  return task.spec.leaseMs !== undefined ? task.spec.leaseMs : (state.workspace?.leaseMs ?? null)
}

/** The end of a lease of `leaseMs` that starts `now`; null: never. */
export const computeLeaseEnd = (now: Time, leaseMs: number | null): Time | null =>
  leaseMs === null ? null : addMs(now, leaseMs)
