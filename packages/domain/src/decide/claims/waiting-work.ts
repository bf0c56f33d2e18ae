import {
  type WaitingCounts,
  explainedGuardsMax,
  explainedKindsMax,
  explainedTasksMax,
  type OmittedCounts,
  type WaitingTask,
  type WaitingWork,
} from '../refusal.ts'
import type { Kind, TaskId, Time } from '../../values/scalars.ts'
import { noLeaseEnd, type State, getTask } from '../../state/state.ts'
import { kindIndices } from '../../state/table.ts'
import { isClaimedFirst, type Task } from '../../state/task.ts'
import { unknownKinds } from '../../queries/kinds.ts'
import { isExhausted, type ExhaustedClaim } from './claimable.ts'
import { type Guard, listGuards, type KindGuard, findKindGuard, nextLeaseEnd } from './guards.ts'

/**
 * Explains why `findClaimable` found no task of `kinds` (empty: any kind) at `now`: what each kind waits for, and the
 * first tasks with their guards. Reads only the head of each index. The tasks in `exhaustedClaims` have failed in
 * effect and do not count as waiting.
 */
export const explainWaitingWork = (
  state: State,
  kinds: ReadonlyArray<Kind>,
  now: Time,
  exhaustedClaims: ReadonlyArray<ExhaustedClaim>,
): WaitingWork => {
  const exhausted = groupByKind(exhaustedClaims)
  const isAny = kinds.length === 0
  const kindSet = isAny ? listOpenKinds(state) : noKinds
  const listedKinds = isAny ? takeFirstNames(kindSet, explainedKindsMax) : [...new Set(kinds)]
  const waiting: Array<WaitingCounts> = []
  const first: Array<Task> = []
  for (const kind of listedKinds) {
    const exhaustedIds = exhausted.get(kind) ?? noTaskIds
    const counts = countWaiting(state, kind, findKindGuard(state, kind, now), exhaustedIds.size)
    if (counts.closed !== undefined || counts.ready + counts.claimed + counts.due + counts.blocked > 0)
      waiting.push(counts)
    for (const task of listHeads(state, kind, explainedTasksMax + exhaustedIds.size))
      if (!exhaustedIds.has(task.id)) first.push(task)
  }
  const tasks = first
    .sort((a, b) => (isClaimedFirst(a, b) ? -1 : 1))
    .slice(0, explainedTasksMax)
    .map(task => toWaitingTask(task.id, listGuards(state, task, now)))
  const nextAt = isAny
    ? findNextTimeOfAnyKind(state, now)
    : earliest(...listedKinds.map(kind => findNextTime(state, kind, now)))
  const more =
    kindSet.size > listedKinds.length
      ? countOmitted(state, waiting, kindSet.size - listedKinds.length, exhaustedClaims.length)
      : undefined
  const unknown = unknownKinds(state, kinds)
  return {
    kinds: waiting,
    ...(more === undefined ? {} : { more }),
    tasks,
    nextAt,
    ...(unknown.length === 0 ? {} : { unknown }),
  }
}

const noKinds: ReadonlySet<Kind> = new Set()

const listOpenKinds = ({ table }: State): ReadonlySet<Kind> => {
  const kinds = new Set<Kind>()
  for (const index of [...kindIndices, 'blocked'] as const) for (const kind of table.partitions(index)) kinds.add(kind)
  return kinds
}

/** The first names in sorted order. Sorting a large set of names completely would take longer than all other steps. */
const takeFirstNames = (names: Iterable<string>, countMax: number): ReadonlyArray<string> => {
  let first: Array<string> = []
  let last: string | undefined
  for (const name of names) {
    if (last !== undefined && name > last) continue
    first.push(name)
    if (first.length < 2 * countMax) continue
    first = first.sort().slice(0, countMax)
    last = first.at(-1)
  }
  return first.sort().slice(0, countMax)
}

/** Counts the waiting tasks of all kinds that are not listed. */
const countOmitted = (
  { table }: State,
  listedKinds: ReadonlyArray<WaitingCounts>,
  kinds: number,
  exhausted: number,
): OmittedCounts => {
  const sum = (count: 'claimed' | 'due' | 'blocked'): number => listedKinds.reduce((all, kind) => all + kind[count], 0)
  return {
    kinds,
    claimed: table.total('leased') + table.total('exhausted') - exhausted - sum('claimed'),
    due: table.total('due') - sum('due'),
    blocked: table.total('blocked') - sum('blocked'),
  }
}

/** When a task of a kind can next be claimed without a further event; if the kind is full, when a slot is free. */
const findNextTime = (state: State, kind: Kind, now: Time): Time | undefined => {
  const guard = findKindGuard(state, kind, now)
  return guard === undefined ? findNextFreeTime(state, kind, now) : guardEnd(guard)
}

/**
 * The same for all kinds. Skips kinds whose first lease ends, and whose first task is due, after the earliest time so
 * far.
 */
const findNextTimeOfAnyKind = (state: State, now: Time): Time | undefined => {
  let first: Time | undefined
  for (const index of ['leased', 'due'] as const)
    for (const { rank, id: kind } of state.table.kindsInOrder(index)) {
      if (rank === noLeaseEnd || (first !== undefined && rank >= first)) break
      first = earliest(first, findNextTime(state, kind, now))
    }
  return first
}

const toWaitingTask = (taskId: TaskId, guards: ReadonlyArray<Guard>): WaitingTask => ({
  taskId,
  guards: guards.slice(0, explainedGuardsMax),
  moreGuards: Math.max(0, guards.length - explainedGuardsMax),
})

/** When a task of a kind that is neither paused nor full can next be claimed without a further event. */
const findNextFreeTime = (state: State, kind: Kind, now: Time): Time | undefined =>
  earliest(nextLeaseEnd(state, kind, now), state.table.firstRank('due', kind), findPostponedTime(state, kind, now))

const guardEnd = (guard: KindGuard): Time | undefined => (guard.guard === 'full' ? guard.until : undefined)

const noTaskIds: ReadonlySet<TaskId> = new Set()

const groupByKind = (exhaustedClaims: ReadonlyArray<ExhaustedClaim>): ReadonlyMap<Kind, ReadonlySet<TaskId>> => {
  const kinds = new Map<Kind, Set<TaskId>>()
  for (const { task } of exhaustedClaims) {
    const ids = kinds.get(task.kind)
    if (ids === undefined) kinds.set(task.kind, new Set([task.id]))
    else ids.add(task.id)
  }
  return kinds
}

/** Counts the waiting tasks of a kind, without the `exhausted` ones: expired claims with no attempts left. */
const countWaiting = (
  { table }: State,
  kind: Kind,
  guard: KindGuard | undefined,
  exhausted: number,
): WaitingCounts => ({
  kind,
  closed: guard?.guard,
  ready: table.count('ready', kind),
  claimed: table.count('leased', kind) + table.count('exhausted', kind) - exhausted,
  due: table.count('due', kind),
  blocked: table.count('blocked', kind),
})

/** The first tasks of each index over the open tasks of a kind. */
const listHeads = function* (state: State, kind: Kind, countMax: number): Generator<Task> {
  for (const index of ['ready', 'leased', 'exhausted', 'due', 'blocked'] as const) {
    let remaining = countMax
    for (const id of state.table.range(index, kind)) {
      yield getTask(state, id)
      remaining -= 1
      if (remaining === 0) break
    }
  }
}

/** The earliest due time of tasks whose lease has expired and that were amended during the claim to be due later. */
const findPostponedTime = (state: State, kind: Kind, now: Time): Time | undefined => {
  let first: Time | undefined
  for (const id of state.table.range('leased', kind, now)) {
    const task = getTask(state, id)
    if (!isExhausted(state, task)) first = earliest(first, task.dueAt)
  }
  return first
}

const earliest = (...times: ReadonlyArray<Time | number | undefined>): Time | undefined =>
  times.filter(time => typeof time === 'string').sort()[0]
