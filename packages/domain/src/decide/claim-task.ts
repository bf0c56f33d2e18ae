import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { listOf, orNull } from '@claimlog/codecs'
import type { Claimed } from '../events/index.ts'
import type { NoReadyTask, Refusal } from './refusal.ts'
import { ClaimCount, DurationMs, Kind, NewWorkerName, Seq, TaskId, type Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { isLive, type Task } from '../state/task.ts'
import { findClaimable, lapsesOf, leaseEnd, leaseFor, type UsedUp } from './claims/claimable.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Append, type Decided, type RefusedWithEvents } from './decision.ts'
import { type Guard, guardsOf, openNeedsOf } from './claims/guards.ts'
import { waitingWork } from './claims/waiting-work.ts'

/**
 * Claims one task of any of `kinds` (empty: any kind), up to `count` of them at once, or the task `taskId`. The lease
 * lasts `leaseMs` (null: until released), by default that of the task or the workspace. `expectSeq`: only if the log
 * still ends there.
 */
export const ClaimTask = commandCodec(
  'claim',
  { worker: NewWorkerName, kinds: listOf(Kind, 'a list of kinds') },
  { task_id: TaskId, count: ClaimCount, lease_ms: orNull(DurationMs), expect_seq: Seq },
)
export type ClaimTask = t.TypeOf<typeof ClaimTask>

/**
 * Claims the first tasks in order in one decision: as many as requested or as there are. Refuses with `no_ready_task`
 * if there is none, or with the first guard of the task `taskId`. Expired claims with no attempts left that the search
 * finds are recorded as failures, even if there is no task to claim: no other command would record them.
 */
export const claimTask = (command: ClaimTask, state: State): Decided => {
  const { taskId, count, expectSeq } = command
  if (expectSeq !== undefined && expectSeq !== state.seq)
    return E.left({ error: 'seq_conflict', expectedSeq: expectSeq, seq: state.seq })
  const now = momentOf(state, command)
  if (taskId !== undefined) {
    if (count !== undefined) return E.left({ error: 'bad_input', detail: 'count cannot be combined with a task id' })
    return claimNamed(command, state, taskId, now)
  }
  const handed = handOut(state, command, now)
  return handed._tag === 'RefusedWithEvents' && handed.events.length === 0 ? E.left(handed.refusal) : E.right(handed)
}

/** The worker that claims and the lease it requests. */
type Asker = Pick<ClaimTask, 'worker' | 'leaseMs' | 'by' | 'requestId'>

/** Claims the first tasks in order, or explains why there is none; then the events may be empty. */
export const handOut = (
  state: State,
  asker: Asker & Pick<ClaimTask, 'kinds' | 'count'>,
  now: Time,
): Append | RefusedWithEvents => {
  const { kinds, count = 1 } = asker
  const { tasks, usedUp } = findClaimable(state, kinds, now, count)
  return tasks.length === 0 ? noReadyTask(state, kinds, usedUp, now) : hand(state, asker, tasks, usedUp, now)
}

const claimNamed = (command: ClaimTask, state: State, taskId: TaskId, now: Time): Decided => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const { claim } = task
  if (claim !== undefined && claim.worker === command.worker && isLive(claim, now))
    return E.right(alreadySo(claim.token, taskId))
  if (command.kinds.length > 0 && !command.kinds.includes(task.kind))
    return E.left({
      error: 'bad_input',
      detail: `${taskId} has the kind ${task.kind}, not ${command.kinds.join(' or ')}`,
    })
  const [gravest] = guardsOf(state, task, now)
  if (gravest !== undefined) return E.left(refusalBy(state, task, gravest))
  return E.right(hand(state, command, [task], findClaimable(state, [task.kind], now, 1).usedUp, now))
}

/**
 * Refuses, and records expired claims with no attempts left. Those events carry no request id: a repeated request can
 * still claim a task.
 */
const noReadyTask = (
  state: State,
  kinds: ReadonlyArray<Kind>,
  usedUp: ReadonlyArray<UsedUp>,
  now: Time,
): RefusedWithEvents => {
  const refusal: NoReadyTask = { error: 'no_ready_task', kinds, waiting: waitingWork(state, kinds, now, usedUp) }
  const events = lapsesOf(usedUp, state.seq + 1, { requestId: undefined, time: now })
  return { _tag: 'RefusedWithEvents', events, taskIds: [], seq: state.seq + events.length, refusal }
}

/** Claims `tasks`. The failures of expired claims come first. */
const hand = (
  state: State,
  asker: Asker,
  tasks: ReadonlyArray<Task>,
  usedUp: ReadonlyArray<UsedUp>,
  now: Time,
): Append => {
  const lapses = lapsesOf(usedUp, state.seq + 1, { requestId: asker.requestId, time: now })
  const first = state.seq + 1 + lapses.length
  const claims = tasks.map((task, i) => claimedBy(state, asker, task, first + i, now))
  return {
    _tag: 'Append',
    events: [...lapses, ...claims],
    taskIds: tasks.map(task => task.id),
    seq: first + claims.length - 1,
  }
}

const claimedBy = (state: State, asker: Asker, task: Task, seq: number, now: Time): Claimed => {
  return {
    seq,
    event: 'claimed',
    worker: asker.worker,
    taskId: task.id,
    // A crafted log may have reached the largest number; it stays there.
    attempt: Math.min(task.attempts + 1, Number.MAX_SAFE_INTEGER),
    leaseUntil: leaseEnd(now, leaseFor(state, task, asker.leaseMs)),
    ...stampOf(asker, now),
  }
}

/** The refusal of a claim of `task` because of `guard`. */
const refusalBy = (state: State, task: Task, guard: Guard): Refusal => {
  const { id: taskId, status, settled } = task
  switch (guard.guard) {
    case 'finished':
      return { error: 'task_finished', taskId, status, worker: settled?.worker }
    case 'held': {
      const { seq, since: time, reason, by } = guard
      return { error: 'task_held', taskId, hold: { seq, time, reason, by } }
    }
    case 'need':
      return { error: 'task_blocked', taskId, needs: openNeedsOf(state, task) }
    case 'claimed':
      if (task.claim === undefined) throw new Error(`${taskId} has a claim guard but no claim`)
      return { error: 'already_claimed', taskId, claim: task.claim }
    case 'attempts':
      return { error: 'attempts_used_up', taskId, attempts: guard.attempts }
    case 'not_due':
      return { error: 'not_due', taskId, dueAt: guard.until }
    case 'paused':
      return { error: 'kind_paused', kind: guard.kind, seq: guard.seq, reason: guard.reason }
    case 'full':
      return { error: 'kind_full', kind: guard.kind, limit: guard.limit }
  }
}
