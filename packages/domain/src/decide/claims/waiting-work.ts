import {
  type KindWaiting,
  maxGuardsExplained,
  maxKindsExplained,
  maxTasksExplained,
  type MoreWaiting,
  type WaitingTask,
  type WaitingWork,
} from '../refusal.ts'
import type { Kind, TaskId, Time } from '../../values/scalars.ts'
import { never, type State, taskOf } from '../../state/state.ts'
import { kindIndices } from '../../state/table.ts'
import { comesBefore, type Task } from '../../state/task.ts'
import { unknownKinds } from '../../queries/kinds.ts'
import { isUsedUp, type UsedUp } from './claimable.ts'
import { type Guard, guardsOf, type KindGuard, kindGuard, nextLeaseEnd } from './guards.ts'

/**
 * Explains why `findClaimable` found no task of `kinds` (empty: any kind) at `now`: what each kind waits for, and the
 * first tasks with their guards. Reads only the head of each index. The tasks in `usedUp` have failed in effect and do
 * not count as waiting.
 */
export const waitingWork = (
  state: State,
  kinds: ReadonlyArray<Kind>,
  now: Time,
  usedUp: ReadonlyArray<UsedUp>,
): WaitingWork => {
  const dead = byKind(usedUp)
  const isAny = kinds.length === 0
  const any = isAny ? openKinds(state) : noKinds
  const told = isAny ? firstNames(any, maxKindsExplained) : [...new Set(kinds)]
  const waiting: Array<KindWaiting> = []
  const first: Array<Task> = []
  for (const kind of told) {
    const deadOfKind = dead.get(kind) ?? noneDead
    const of = kindWaiting(state, kind, kindGuard(state, kind, now), deadOfKind.size)
    if (of.closed !== undefined || of.ready + of.claimed + of.due + of.blocked > 0) waiting.push(of)
    for (const task of heads(state, kind, maxTasksExplained + deadOfKind.size))
      if (!deadOfKind.has(task.id)) first.push(task)
  }
  const tasks = first
    .sort((a, b) => (comesBefore(a, b) ? -1 : 1))
    .slice(0, maxTasksExplained)
    .map(task => explained(task.id, guardsOf(state, task, now)))
  const nextAt = isAny ? nextOfAny(state, now) : earliest(...told.map(kind => nextOf(state, kind, now)))
  const more = any.size > told.length ? moreThan(state, waiting, any.size - told.length, usedUp.length) : undefined
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

const openKinds = ({ table }: State): ReadonlySet<Kind> => {
  const kinds = new Set<Kind>()
  for (const index of [...kindIndices, 'blocked'] as const) for (const kind of table.partitions(index)) kinds.add(kind)
  return kinds
}

/** The first names in sorted order. Sorting a large set of names completely would take longer than all other steps. */
const firstNames = (names: Iterable<string>, most: number): ReadonlyArray<string> => {
  let first: Array<string> = []
  let last: string | undefined
  for (const name of names) {
    if (last !== undefined && name > last) continue
    first.push(name)
    if (first.length < 2 * most) continue
    first = first.sort().slice(0, most)
    last = first.at(-1)
  }
  return first.sort().slice(0, most)
}

/** Counts the waiting tasks of all kinds that are not listed. */
const moreThan = ({ table }: State, told: ReadonlyArray<KindWaiting>, kinds: number, dead: number): MoreWaiting => {
  const sum = (count: 'claimed' | 'due' | 'blocked'): number => told.reduce((all, kind) => all + kind[count], 0)
  return {
    kinds,
    claimed: table.total('leased') + table.total('usedUp') - dead - sum('claimed'),
    due: table.total('due') - sum('due'),
    blocked: table.total('blocked') - sum('blocked'),
  }
}

/** When a task of a kind can next be claimed without a further event; if the kind is full, when a slot is free. */
const nextOf = (state: State, kind: Kind, now: Time): Time | undefined => {
  const guard = kindGuard(state, kind, now)
  return guard === undefined ? nextFree(state, kind, now) : untilOf(guard)
}

/**
 * The same for all kinds. Skips kinds whose first lease ends, and whose first task is due, after the earliest time so
 * far.
 */
const nextOfAny = (state: State, now: Time): Time | undefined => {
  let first: Time | undefined
  for (const index of ['leased', 'due'] as const)
    for (const { rank, id: kind } of state.table.kindsInOrder(index)) {
      if (rank === never || (first !== undefined && rank >= first)) break
      first = earliest(first, nextOf(state, kind, now))
    }
  return first
}

const explained = (taskId: TaskId, guards: ReadonlyArray<Guard>): WaitingTask => ({
  taskId,
  guards: guards.slice(0, maxGuardsExplained),
  moreGuards: Math.max(0, guards.length - maxGuardsExplained),
})

/** When a task of a kind that is neither paused nor full can next be claimed without a further event. */
const nextFree = (state: State, kind: Kind, now: Time): Time | undefined =>
  earliest(nextLeaseEnd(state, kind, now), state.table.firstRank('due', kind), postponed(state, kind, now))

const untilOf = (guard: KindGuard): Time | undefined => (guard.guard === 'full' ? guard.until : undefined)

const noneDead: ReadonlySet<TaskId> = new Set()

const byKind = (usedUp: ReadonlyArray<UsedUp>): ReadonlyMap<Kind, ReadonlySet<TaskId>> => {
  const kinds = new Map<Kind, Set<TaskId>>()
  for (const { task } of usedUp) {
    const known = kinds.get(task.kind)
    if (known === undefined) kinds.set(task.kind, new Set([task.id]))
    else known.add(task.id)
  }
  return kinds
}

/** Counts the waiting tasks of a kind, without the `exhausted` ones: expired claims with no attempts left. */
const kindWaiting = ({ table }: State, kind: Kind, guard: KindGuard | undefined, dead: number): KindWaiting => ({
  kind,
  closed: guard?.guard,
  ready: table.count('ready', kind),
  claimed: table.count('leased', kind) + table.count('usedUp', kind) - dead,
  due: table.count('due', kind),
  blocked: table.count('blocked', kind),
})

/** The first tasks of each index over the open tasks of a kind. */
const heads = function* (state: State, kind: Kind, most: number): Generator<Task> {
  for (const index of ['ready', 'leased', 'usedUp', 'due', 'blocked'] as const) {
    let left = most
    for (const id of state.table.range(index, kind)) {
      yield taskOf(state, id)
      left -= 1
      if (left === 0) break
    }
  }
}

/** The earliest due time of tasks whose lease has expired and that were amended during the claim to be due later. */
const postponed = (state: State, kind: Kind, now: Time): Time | undefined => {
  let first: Time | undefined
  for (const id of state.table.range('leased', kind, now)) {
    const task = taskOf(state, id)
    if (!isUsedUp(state, task)) first = earliest(first, task.dueAt)
  }
  return first
}

const earliest = (...times: ReadonlyArray<Time | number | undefined>): Time | undefined =>
  times.filter(time => typeof time === 'string').sort()[0]
