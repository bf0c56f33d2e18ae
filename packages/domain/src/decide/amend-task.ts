import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isSameJson, listOf } from '@claimlog/codecs'
import type { Amended } from '../events/index.ts'
import type { Refusal } from './refusal.ts'
import { DelayMs, NewKind, NewLabel, TaskId, type Time } from '../values/scalars.ts'
import { maxAttemptsOf, type State } from '../state/state.ts'
import { isLive, priorityOf, specOf, type Task } from '../state/task.ts'
import { taskFields } from '../values/task-fields.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Decided, oneEvent } from './decision.ts'
import { findAmendedNeedsProblem } from './tasks/needs.ts'
import { after } from '../time/clock.ts'

// Callers find their task by its key: after a change of the key, the same `add` would create a second task.
const { key: _key, ...amendable } = taskFields

/**
 * Changes a task: each given field replaces the current value. `delayMs`: due that much later, unless `notBefore` is
 * given.
 */
export const AmendTask = commandCodec(
  'amend',
  { task_id: TaskId },
  { kind: NewKind, ...amendable, tags: listOf(NewLabel, 'a list of labels'), delay_ms: DelayMs },
)
export type AmendTask = t.TypeOf<typeof AmendTask>

type Changes = Omit<AmendTask, 'command' | 'nowMs' | 'taskId' | 'delayMs' | 'by' | 'requestId'>

/**
 * Writes only the fields that differ; if none differs, nothing is written. Refuses dependencies that do not exist or
 * form a cycle, fewer attempts than were made, and, while the task is claimed, another kind and dependencies that would
 * block it. A new `notBefore` replaces the wait for another attempt.
 */
export const amendTask = (command: AmendTask, state: State): Decided => {
  const { taskId, delayMs } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const time = momentOf(state, command)
  const said = saidBy(command)
  const changes = changesTo(
    state,
    task,
    delayMs === undefined ? said : { ...said, notBefore: said.notBefore ?? after(time, delayMs) },
  )
  if (Object.keys(changes).length === 0) return E.right(alreadySo(state.seq, taskId))
  const problem =
    findNeedsTrouble(state, task, changes, time) ??
    findKindTrouble(task, changes, time) ??
    findTooFew(task, changes, time)
  if (problem !== undefined) return E.left(problem)
  const amended: Amended = { seq: state.seq + 1, event: 'amended', taskId, ...changes, ...stampOf(command, time) }
  return E.right(oneEvent(taskId, amended))
}

/** Copies field by field: unknown fields of untyped callers must not get into an event. */
const saidBy = (command: AmendTask): Changes => {
  const { key: _none, ...said } = specOf(command)
  return { kind: command.kind, ...said }
}

const changesTo = (state: State, task: Task, said: Changes): Changes => {
  const { needs = [], tags = [] } = task.spec
  const [priority, maxAttempts] = [priorityOf(task), maxAttemptsOf(state, task)]
  const now: Changes = { kind: task.kind, ...task.spec, needs, tags, priority, maxAttempts }
  return Object.fromEntries(
    Object.entries(said).filter(
      ([name, value]) => value !== undefined && !isSameJson(value, now[name as keyof Changes]),
    ),
  )
}

const findNeedsTrouble = (
  state: State,
  task: Task,
  { needs, maxAttempts }: Changes,
  now: Time,
): Refusal | undefined => {
  if (needs === undefined) return undefined
  const problem = findAmendedNeedsProblem(state, task.id, needs)
  const blocks = needs.some(need => state.table.get(need)?.status !== 'done')
  if (problem !== undefined || !blocks || task.claim === undefined) return problem
  if (isLive(task.claim, now)) return { error: 'already_claimed', taskId: task.id, claim: task.claim }
  // Blocking the task would drop its claim, and with it the last attempt.
  return task.attempts >= (maxAttempts ?? maxAttemptsOf(state, task))
    ? { error: 'attempts_used_up', taskId: task.id, attempts: task.attempts }
    : undefined
}

const findKindTrouble = (task: Task, { kind }: Changes, now: Time): Refusal | undefined =>
  kind !== undefined && task.claim !== undefined && isLive(task.claim, now)
    ? { error: 'already_claimed', taskId: task.id, claim: task.claim }
    : undefined

/**
 * Attempts that were made count, and an open task without a live claim must have one left. A task with an expired lease
 * must too: it can be claimed again, and without an attempt it would wait for another claim to record its failure.
 */
const findTooFew = (task: Task, { maxAttempts }: Changes, now: Time): Refusal | undefined => {
  if (maxAttempts === undefined || task.finished !== undefined) return undefined
  const fewest = task.claim !== undefined && isLive(task.claim, now) ? task.attempts : task.attempts + 1
  return maxAttempts < fewest ? { error: 'attempts_used_up', taskId: task.id, attempts: task.attempts } : undefined
}
