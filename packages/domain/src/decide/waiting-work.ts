import type { Guard } from '../guard.ts'
import type { Kind, TaskId } from '../names.ts'
import {
  type KindWaiting,
  maxGuardsExplained,
  maxTasksExplained,
  type WaitingTask,
  type WaitingWork,
} from '../refusal.ts'
import type { Time } from '../scalars.ts'
import { type State, taskOf } from '../state.ts'
import { comesBefore, type Task } from '../task.ts'
import { unknownKinds } from '../views/known-kinds.ts'
import { kindsWithWork, type UsedUp } from './claimable.ts'
import { guardsOf, isUsedUp, type KindGuard, kindGuard, nextLeaseEnd } from './guards.ts'

/**
 * Why there is nothing to claim at `now` among `kinds` (none named: any), where `findClaimable` found nothing: what each
 * kind waits for, and the first tasks with all that stands in their way. Looks at the head of each order only. Those that
 * `usedUp` names are as good as failed and wait for nothing.
 */
export const waitingWork = (
  state: State,
  kinds: ReadonlyArray<Kind>,
  now: Time,
  usedUp: ReadonlyArray<UsedUp>,
): WaitingWork => {
  const dead = byKind(usedUp)
  const any = (): ReadonlyArray<Kind> => [...kindsWithWork(state), ...state.table.partitions('blocked')].sort()
  const asked = new Set(kinds.length === 0 ? any() : kinds)
  const waiting: Array<KindWaiting> = []
  const first: Array<Task> = []
  let nextAt: Time | undefined
  for (const kind of asked) {
    const guard = kindGuard(state, kind, now)
    const deadOfKind = dead.get(kind) ?? noneDead
    const of = kindWaiting(state, kind, guard, deadOfKind.size)
    if (of.closed !== undefined || of.ready + of.claimed + of.due + of.blocked > 0) waiting.push(of)
    for (const task of heads(state, kind, maxTasksExplained + deadOfKind.size))
      if (!deadOfKind.has(task.id)) first.push(task)
    nextAt = earliest(nextAt, guard === undefined ? nextFree(state, kind, now) : untilOf(guard))
  }
  const tasks = first
    .sort((a, b) => (comesBefore(a, b) ? -1 : 1))
    .slice(0, maxTasksExplained)
    .map(task => explained(task.id, guardsOf(state, task, now)))
  const unknown = unknownKinds(state, kinds)
  return unknown.length === 0 ? { kinds: waiting, tasks, nextAt } : { kinds: waiting, tasks, nextAt, unknown }
}

const explained = (taskId: TaskId, guards: ReadonlyArray<Guard>): WaitingTask => ({
  taskId,
  guards: guards.slice(0, maxGuardsExplained),
  moreGuards: Math.max(0, guards.length - maxGuardsExplained),
})

/** When the first task of a kind can be claimed, if nothing happens until then. */
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

/** The dead ones among the claims of a kind are not counted. */
const kindWaiting = ({ table }: State, kind: Kind, guard: KindGuard | undefined, dead: number): KindWaiting => ({
  kind,
  closed: guard?.guard,
  ready: table.count('ready', kind),
  claimed: table.count('leased', kind) + table.count('usedUp', kind) - dead,
  due: table.count('due', kind),
  blocked: table.count('blocked', kind),
})

/** The first few tasks of each order over the open tasks of a kind. */
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

/** When the first task may start whose lease has ended, and which was amended while it was claimed to start later. */
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
