import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import type { Claimed, Failed } from '../event/index.ts'
import { Kind, TaskId, WorkerName } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { DurationMs, listOf, orNull, type Time } from '../scalars.ts'
import type { State } from '../state.ts'
import { isLive, type Task } from '../task.ts'
import { msOf, timeOf } from '../time.ts'
import { findClaimable, isUsedUp, kindClosed, type UsedUp } from './claimable.ts'
import { commandCodec } from './command-codec.ts'
import { alreadySo, type Decided, givenBy, momentOf } from './decision.ts'

/**
 * Asks for one task of any of `kinds` (none named: of any kind), or for the task `taskId`. The lease lasts `leaseMs`
 * (null: until released), else what the task or the workspace says.
 */
export const ClaimTask = commandCodec(
  'claim',
  { worker: WorkerName, kinds: listOf(Kind, 'a list of kinds') },
  { task_id: TaskId, lease_ms: orNull(DurationMs) },
)
export type ClaimTask = t.TypeOf<typeof ClaimTask>

/**
 * Hands the first task in order to the worker. Refuses with `no_ready_task` when there is none, or with what stands in
 * the way of the one that was named. Leases found ended with no attempts left are recorded as failures along with it.
 */
export const claimTask = (state: State, command: ClaimTask): Decided => {
  const now = momentOf(state, command)
  if (command.taskId !== undefined) return claimNamed(state, command, command.taskId, now)
  const { first, usedUp, waiting } = findClaimable(state, command.kinds, now)
  if (first === undefined) return E.left({ error: 'no_ready_task', kinds: command.kinds, waiting })
  const lapses = lapsesOf(state, usedUp, now)
  const claimed = claimedBy(state, command, first, state.seq + 1 + lapses.length, now)
  return E.right({ events: [...lapses, claimed], taskIds: [first.id], seq: claimed.seq })
}

const claimNamed = (state: State, command: ClaimTask, taskId: TaskId, now: Time): Decided => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const { claim } = task
  if (claim !== undefined && claim.worker === command.worker && isLive(claim, now))
    return E.right(alreadySo(claim.token, taskId))
  if (command.kinds.length > 0 && !command.kinds.includes(task.kind))
    return E.left({
      error: 'bad_input',
      detail: `${taskId} is of the kind ${task.kind}, not ${command.kinds.join(' or ')}`,
    })
  const obstacle = obstacleTo(state, task, now)
  if (obstacle !== undefined) return E.left(obstacle)
  const lapses = lapsesOf(state, findClaimable(state, [task.kind], now).usedUp, now)
  const claimed = claimedBy(state, command, task, state.seq + 1 + lapses.length, now)
  return E.right({ events: [...lapses, claimed], taskIds: [taskId], seq: claimed.seq })
}

/** What stands in the way of claiming `task` at `now`; undefined: nothing. */
const obstacleTo = (state: State, task: Task, now: Time): Refusal | undefined => {
  const { id: taskId, hold, claim, dueAt } = task
  if (task.finished !== undefined)
    return { error: 'task_finished', taskId, status: task.status, worker: task.settled?.worker }
  if (hold !== undefined) return { error: 'task_held', taskId, hold }
  if (task.openNeeds > 0) return { error: 'task_blocked', taskId, needs: openNeedsOf(state, task) }
  if (claim !== undefined && isLive(claim, now)) return { error: 'already_claimed', taskId, claim }
  if (isUsedUp(state, task)) return { error: 'attempts_used_up', taskId, attempts: task.attempts }
  if (dueAt !== undefined && now < dueAt) return { error: 'not_due', taskId, dueAt }
  return kindClosed(state, task.kind, now)
}

const openNeedsOf = (state: State, task: Task): ReadonlyArray<TaskId> =>
  [...new Set(task.spec.needs)].filter(need => state.table.get(need)?.status !== 'done')

const claimedBy = (state: State, command: ClaimTask, task: Task, seq: number, now: Time): Claimed => {
  return {
    seq,
    event: 'claimed',
    worker: command.worker,
    taskId: task.id,
    attempt: task.attempts + 1,
    leaseUntil: leaseEnd(now, leaseFor(state, task, command.leaseMs)),
    ...givenBy(command),
    time: now,
  }
}

/** How long a claim lasts: what the claimer asks, else what the task says, else the workspace. Null: without an end. */
export const leaseFor = (state: State, task: Task, asked: number | null | undefined): number | null => {
  if (asked !== undefined) return asked
  return task.spec.leaseMs !== undefined ? task.spec.leaseMs : (state.workspace?.leaseMs ?? null)
}

/** When a lease of `leaseMs` that starts `now` ends; null: never. */
export const leaseEnd = (now: Time, leaseMs: number | null): Time | null =>
  leaseMs === null ? null : timeOf(msOf(now) + leaseMs)

const lapsesOf = (state: State, usedUp: ReadonlyArray<UsedUp>, now: Time): ReadonlyArray<Failed> =>
  usedUp.map((dead, i) => lapsed(dead, state.seq + 1 + i, now))

const lapsed = ({ task, claim }: UsedUp, seq: number, now: Time): Failed => ({
  seq,
  event: 'failed',
  worker: claim.worker,
  taskId: task.id,
  token: claim.token,
  error: `the lease ended at ${claim.leaseUntil ?? now} and no attempts are left`,
  retryAt: null,
  time: now,
})
