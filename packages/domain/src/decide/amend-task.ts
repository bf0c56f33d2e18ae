import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isSameJson, listCodec } from '@claimlog/codecs'
import type { Amended } from '../events/index.ts'
import type { Refusal } from './refusal.ts'
import { DelayMs, NewKind, NewLabel, TaskId, type Time } from '../values/scalars.ts'
import { allowedAttempts, type State } from '../state/state.ts'
import { isLive, taskPriority, pickSpec, type Task } from '../state/task.ts'
import { taskFields } from '../values/task-fields.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, taskDecision } from './decision.ts'
import { checkAmendedNeeds } from './tasks/needs.ts'
import { addMs } from '../time/clock.ts'

// Callers find their task by its key: after a change of the key, the same `add` would create a second task.
const { key: _key, ...amendable } = taskFields

/**
 * Changes a task: each given field replaces the current value. `delayMs`: due that much later, unless `notBefore` is
 * given.
 */
export const AmendTask = commandCodec(
  'amend',
  { task_id: TaskId },
  { kind: NewKind, ...amendable, tags: listCodec(NewLabel, 'a list of labels'), delay_ms: DelayMs },
)
export type AmendTask = t.TypeOf<typeof AmendTask>

type TaskChanges = Omit<AmendTask, 'command' | 'nowMs' | 'taskId' | 'delayMs' | 'by' | 'requestId'>

/**
 * Writes only the fields that differ; if none differs, nothing is written. Refuses dependencies that do not exist or
 * form a cycle, fewer attempts than were made, and, while the task is claimed, another kind and dependencies that would
 * block it. A new `notBefore` replaces the wait for another attempt.
 */
export const amendTask = (command: AmendTask, state: State): DecisionResult => {
  const { taskId, delayMs } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const time = decisionTime(state, command)
  const requested = pickChanges(command)
  const changes = findChanges(
    state,
    task,
    delayMs === undefined ? requested : { ...requested, notBefore: requested.notBefore ?? addMs(time, delayMs) },
  )
  if (Object.keys(changes).length === 0) return E.right(unchanged(state.seq, taskId))
  const refusal =
    checkNeeds(state, task, changes, time) ?? checkKind(task, changes, time) ?? checkMaxAttempts(task, changes, time)
  if (refusal !== undefined) return E.left(refusal)
  const amended: Amended = { seq: state.seq + 1, event: 'amended', taskId, ...changes, ...eventMetadata(command, time) }
  return E.right(taskDecision(taskId, amended))
}

/** Copies field by field: unknown fields of untyped callers must not get into an event. */
const pickChanges = (command: AmendTask): TaskChanges => {
  const { key: _unusedKey, ...requested } = pickSpec(command)
  return { kind: command.kind, ...requested }
}

const findChanges = (state: State, task: Task, requested: TaskChanges): TaskChanges => {
  const { needs = [], tags = [] } = task.spec
  const [priority, maxAttempts] = [taskPriority(task), allowedAttempts(state, task)]
  const now: TaskChanges = { kind: task.kind, ...task.spec, needs, tags, priority, maxAttempts }
  return Object.fromEntries(
    Object.entries(requested).filter(
      ([name, value]) => value !== undefined && !isSameJson(value, now[name as keyof TaskChanges]),
    ),
  )
}

const checkNeeds = (state: State, task: Task, { needs, maxAttempts }: TaskChanges, now: Time): Refusal | undefined => {
  if (needs === undefined) return undefined
  const refusal = checkAmendedNeeds(state, task.id, needs)
  const blocks = needs.some(need => state.table.get(need)?.status !== 'done')
  if (refusal !== undefined || !blocks || task.claim === undefined) return refusal
  if (isLive(task.claim, now)) return { error: 'already_claimed', taskId: task.id, claim: task.claim }
  // Blocking the task would drop its claim, and with it the last attempt.
  return task.attempts >= (maxAttempts ?? allowedAttempts(state, task))
    ? { error: 'attempts_used_up', taskId: task.id, attempts: task.attempts }
    : undefined
}

const checkKind = (task: Task, { kind }: TaskChanges, now: Time): Refusal | undefined =>
  kind !== undefined && task.claim !== undefined && isLive(task.claim, now)
    ? { error: 'already_claimed', taskId: task.id, claim: task.claim }
    : undefined

/**
 * Attempts that were made count, and an open task without a live claim must have one left. A task with an expired lease
 * must too: it can be claimed again, and without an attempt it would wait for another claim to record its failure.
 */
const checkMaxAttempts = (task: Task, { maxAttempts }: TaskChanges, now: Time): Refusal | undefined => {
  if (maxAttempts === undefined || task.finished !== undefined) return undefined
  const attemptsMin = task.claim !== undefined && isLive(task.claim, now) ? task.attempts : task.attempts + 1
  return maxAttempts < attemptsMin ? { error: 'attempts_used_up', taskId: task.id, attempts: task.attempts } : undefined
}
