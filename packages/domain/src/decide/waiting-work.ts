import type { Kind } from '../names.ts'
import { type KindWaiting, maxTasksExplained, type WaitingWork } from '../refusal.ts'
import type { Time } from '../scalars.ts'
import type { State } from '../state.ts'
import { comesBefore, type Task } from '../task.ts'
import { kindsWithWork, taskOf } from './claimable.ts'
import { guardsOf, isUsedUp, kindGuard, nextLeaseEnd } from './guards.ts'

/**
 * Why there is nothing to claim at `now` among `kinds` (none named: any), where `findClaimable` found nothing: what each
 * kind waits for, and the first tasks with all that stands in their way. Looks at the head of each order only.
 */
export const waitingWork = (state: State, kinds: ReadonlyArray<Kind>, now: Time): WaitingWork => {
  const asked = new Set(kinds.length === 0 ? [...kindsWithWork(state), ...state.table.partitions('blocked')] : kinds)
  const waiting: Array<KindWaiting> = []
  const first: Array<Task> = []
  let nextAt: Time | undefined
  for (const kind of asked) {
    const of = kindWaiting(state, kind, now)
    if (of.closed !== undefined || of.ready + of.claimed + of.due + of.blocked > 0) waiting.push(of)
    first.push(...heads(state, kind))
    if (of.closed !== 'paused') nextAt = earliest(nextAt, nextLeaseEnd(state, kind, now))
    if (of.closed === undefined)
      nextAt = earliest(nextAt, state.table.firstRank('due', kind), postponed(state, kind, now))
  }
  const tasks = first
    .sort((a, b) => (comesBefore(a, b) ? -1 : 1))
    .slice(0, maxTasksExplained)
    .map(task => ({ taskId: task.id, guards: guardsOf(state, task, now) }))
  return { kinds: waiting, tasks, nextAt }
}

const kindWaiting = (state: State, kind: Kind, now: Time): KindWaiting => {
  const { table } = state
  return {
    kind,
    closed: kindGuard(state, kind, now)?.guard,
    ready: table.count('ready', kind),
    claimed: table.count('leased', kind),
    due: table.count('due', kind),
    blocked: table.count('blocked', kind),
  }
}

/** The first few tasks of each order over the open tasks of a kind. */
const heads = function* (state: State, kind: Kind): Generator<Task> {
  for (const index of ['ready', 'leased', 'due', 'blocked'] as const) {
    let left = maxTasksExplained
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
