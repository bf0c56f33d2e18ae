import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { listCodec, nullable } from '@claimlog/codecs'
import type { Claimed } from '../events/index.ts'
import type { NoReadyTask, Refusal } from './refusal.ts'
import { ClaimCount, DurationMs, Kind, NewWorkerName, Seq, TaskId, type Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { isLive, type Task } from '../state/task.ts'
import {
  findClaimable,
  expiryFailures,
  computeLeaseEnd,
  effectiveLeaseMs,
  type ExhaustedClaim,
} from './claims/claimable.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type Append, type DecisionResult, type RefusedWithEvents } from './decision.ts'
import { type Guard, listGuards, listOpenNeeds } from './claims/guards.ts'
import { explainWaitingWork } from './claims/waiting-work.ts'

/**
 * Claims one task of any of `kinds` (empty: any kind), up to `count` of them at once, or the task `taskId`. The lease
 * lasts `leaseMs` (null: until released), by default that of the task or the workspace. `expectSeq`: only if the log
 * still ends there.
 */
export const ClaimTask = commandCodec(
  'claim',
  { worker: NewWorkerName, kinds: listCodec(Kind, 'a list of kinds') },
  { task_id: TaskId, count: ClaimCount, lease_ms: nullable(DurationMs), expect_seq: Seq },
)
export type ClaimTask = t.TypeOf<typeof ClaimTask>

/**
 * Claims the first tasks in order in one decision: as many as requested or as there are. Refuses with `no_ready_task`
 * if there is none, or with the first guard of the task `taskId`. Expired claims with no attempts left that the search
 * finds are recorded as failures, even if there is no task to claim: no other command would record them.
 */
export const claimTask = (command: ClaimTask, state: State): DecisionResult => {
  const { taskId, count, expectSeq } = command
  if (expectSeq !== undefined && expectSeq !== state.seq)
    return E.left({ error: 'seq_conflict', expectedSeq: expectSeq, seq: state.seq })
  const now = decisionTime(state, command)
  if (taskId !== undefined) {
    if (count !== undefined) return E.left({ error: 'bad_input', detail: 'count cannot be combined with a task id' })
    return claimById(command, state, taskId, now)
  }
  const decision = claimNextReady(state, command, now)
  return decision._tag === 'RefusedWithEvents' && decision.events.length === 0
    ? E.left(decision.refusal)
    : E.right(decision)
}

/** The worker that claims and the lease it requests. */
type Claimant = Pick<ClaimTask, 'worker' | 'leaseMs' | 'by' | 'requestId'>

/** Claims the first tasks in order, or explains why there is none; then the events may be empty. */
export const claimNextReady = (
  state: State,
  claimant: Claimant & Pick<ClaimTask, 'kinds' | 'count'>,
  now: Time,
): Append | RefusedWithEvents => {
  const { kinds, count = 1 } = claimant
  const { tasks, exhausted } = findClaimable(state, kinds, now, count)
  return tasks.length === 0
    ? noReadyTaskDecision(state, kinds, exhausted, now)
    : claimDecision(state, claimant, tasks, exhausted, now)
}

const claimById = (command: ClaimTask, state: State, taskId: TaskId, now: Time): DecisionResult => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const { claim } = task
  if (claim !== undefined && claim.worker === command.worker && isLive(claim, now))
    return E.right(unchanged(claim.token, taskId))
  if (command.kinds.length > 0 && !command.kinds.includes(task.kind))
    return E.left({
      error: 'bad_input',
      detail: `${taskId} has the kind ${task.kind}, not ${command.kinds.join(' or ')}`,
    })
  const [firstGuard] = listGuards(state, task, now)
  if (firstGuard !== undefined) return E.left(toRefusal(state, task, firstGuard))
  return E.right(claimDecision(state, command, [task], findClaimable(state, [task.kind], now, 1).exhausted, now))
}

/**
 * Refuses, and records expired claims with no attempts left. Those events carry no request id: a repeated request can
 * still claim a task.
 */
const noReadyTaskDecision = (
  state: State,
  kinds: ReadonlyArray<Kind>,
  exhausted: ReadonlyArray<ExhaustedClaim>,
  now: Time,
): RefusedWithEvents => {
  const refusal: NoReadyTask = {
    error: 'no_ready_task',
    kinds,
    waiting: explainWaitingWork(state, kinds, now, exhausted),
  }
  const events = expiryFailures(exhausted, state.seq + 1, { requestId: undefined, time: now })
  return { _tag: 'RefusedWithEvents', events, taskIds: [], seq: state.seq + events.length, refusal }
}

/** Claims `tasks`. The failures of expired claims come first. */
const claimDecision = (
  state: State,
  claimant: Claimant,
  tasks: ReadonlyArray<Task>,
  exhausted: ReadonlyArray<ExhaustedClaim>,
  now: Time,
): Append => {
  const failures = expiryFailures(exhausted, state.seq + 1, { requestId: claimant.requestId, time: now })
  const firstSeq = state.seq + 1 + failures.length
  const claims = tasks.map((task, i) => createClaimed(state, claimant, task, firstSeq + i, now))
  return {
    _tag: 'Append',
    events: [...failures, ...claims],
    taskIds: tasks.map(task => task.id),
    seq: firstSeq + claims.length - 1,
  }
}

const createClaimed = (state: State, claimant: Claimant, task: Task, seq: number, now: Time): Claimed => {
  return {
    seq,
    event: 'claimed',
    worker: claimant.worker,
    taskId: task.id,
    // A crafted log may have reached the largest number; it stays there.
    attempt: Math.min(task.attempts + 1, Number.MAX_SAFE_INTEGER),
    leaseUntil: computeLeaseEnd(now, effectiveLeaseMs(state, task, claimant.leaseMs)),
    ...eventMetadata(claimant, now),
  }
}

/** The refusal of a claim of `task` because of `guard`. */
const toRefusal = (state: State, task: Task, guard: Guard): Refusal => {
  const { id: taskId, status, lastClaimEnd } = task
  switch (guard.guard) {
    case 'finished':
      return { error: 'task_finished', taskId, status, worker: lastClaimEnd?.worker }
    case 'held': {
      const { seq, since: time, reason, by } = guard
      return { error: 'task_held', taskId, hold: { seq, time, reason, by } }
    }
    case 'need':
      return { error: 'task_blocked', taskId, needs: listOpenNeeds(state, task) }
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
