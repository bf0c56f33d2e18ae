import type { Kind, TaskId } from '../names.ts'
import type { Refusal, WaitingWork } from '../refusal.ts'
import type { Time } from '../scalars.ts'
import { maxAttemptsOf, type State } from '../state.ts'
import { type Claim, isLive, priorityOf, type Task } from '../task.ts'

/** A claimed task whose lease has ended and which has no attempts left. */
export type UsedUp = { readonly task: Task; readonly claim: Claim }

/** What there is to claim at a moment: the first task in order, and the claims found dead on the way. */
export type Search = {
  readonly first: Task | undefined
  readonly usedUp: ReadonlyArray<UsedUp>
  readonly waiting: WaitingWork
}

/**
 * The first task that can be claimed at `now` among `kinds` (none named: any): by priority, then by age.
 * Looks at the head of each order and at what time has freed since the last claim, never at all tasks.
 */
export const findClaimable = (state: State, kinds: ReadonlyArray<Kind>, now: Time): Search => {
  const usedUp: Array<UsedUp> = []
  const paused: Array<Kind> = []
  const full: Array<Kind> = []
  let first: Task | undefined
  let nextAt: Time | undefined
  for (const kind of kinds.length === 0 ? kindsWithWork(state) : new Set(kinds)) {
    const closed = kindClosed(state, kind, now)
    if (closed !== undefined) {
      const list = closed.error === 'kind_paused' ? paused : full
      list.push(kind)
      if (closed.error === 'kind_full') nextAt = earliest(nextAt, nextLeaseEnd(state, kind, now))
      continue
    }
    for (const task of candidates(state, kind, now)) {
      if (isUsedUp(state, task)) usedUp.push({ task, claim: task.claim })
      else if (first === undefined || comesBefore(task, first)) first = task
    }
    nextAt = earliest(nextAt, nextLeaseEnd(state, kind, now), state.table.firstRank('due', kind))
  }
  return { first, usedUp, waiting: { paused, full, nextAt } }
}

/** Why no task of a kind can be claimed, whatever its own state; undefined: nothing is in the way. */
export const kindClosed = (
  state: State,
  kind: Kind,
  now: Time,
): Extract<Refusal, { error: 'kind_paused' | 'kind_full' }> | undefined => {
  const { paused, limit } = state.table.rules(kind)
  if (paused !== undefined) return { error: 'kind_paused', kind, reason: paused.reason }
  if (limit === undefined) return undefined
  let live = 0
  for (const id of state.table.range('leased', kind)) {
    const claim = state.table.get(id)?.claim
    if (claim !== undefined && isLive(claim, now)) live += 1
    if (live >= limit.claims) return { error: 'kind_full', kind, limit: limit.claims }
  }
  return undefined
}

/** A task held under a lease that has ended, with no attempts left: the next claim says that it failed. */
export const isUsedUp = (state: State, task: Task): task is Task & { readonly claim: Claim } =>
  task.claim !== undefined && task.attempts >= maxAttemptsOf(state, task)

const kindsWithWork = (state: State): Iterable<Kind> =>
  new Set([...state.table.partitions('ready'), ...state.table.partitions('leased'), ...state.table.partitions('due')])

/** The ready tasks of a kind up to the first that has attempts left, and all that time has freed by `now`. */
const candidates = function* (state: State, kind: Kind, now: Time): Generator<Task> {
  for (const id of state.table.range('ready', kind)) {
    const task = taskOf(state, id)
    yield task
    if (!isUsedUp(state, task)) break
  }
  for (const id of state.table.range('due', kind, now)) yield taskOf(state, id)
  for (const id of state.table.range('leased', kind, now)) yield taskOf(state, id)
}

const taskOf = (state: State, id: TaskId): Task => {
  const task = state.table.get(id)
  if (task === undefined) throw new Error(`an index names ${id}, which is not in the table`)
  return task
}

const comesBefore = (a: Task, b: Task): boolean =>
  priorityOf(a) === priorityOf(b) ? a.seq < b.seq : priorityOf(a) < priorityOf(b)

/** When the first lease of a kind ends that has not ended yet; those before it are used up. */
const nextLeaseEnd = (state: State, kind: Kind, now: Time): Time | undefined => {
  for (const id of state.table.range('leased', kind)) {
    const until = state.table.get(id)?.claim?.leaseUntil
    if (until === undefined || until === null) return undefined
    if (now < until) return until
  }
  return undefined
}

const earliest = (...times: ReadonlyArray<Time | number | undefined>): Time | undefined =>
  times.filter(time => typeof time === 'string').sort()[0]
