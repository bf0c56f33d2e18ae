import { toElapsedEvent, advanceTimeline, initialClock } from '../time/clock.ts'
import type { Added, Amended, Claimed, Completed, Event, Opened, Retried } from '../events/index.ts'
import type { LogMoved } from '../events/moved.ts'
import type { Label, TaskId, Time } from '../values/scalars.ts'
import { allowedAttempts, type Move, specEntries, type State } from '../state/state.ts'
import type { Table } from '../state/table.ts'
import { isFinished, pickSpec, type Task, type TaskSpec } from '../state/task.ts'
import {
  applyCancelled,
  updateTask,
  applyClaimed,
  applyCompleted,
  clearDue,
  pendingDueTime,
  applyFailed,
  applyHeld,
  expireClaim,
  eventRef,
  closeNeed,
  reopenNeed,
  operatorAction,
  applyReleased,
  applyRenewed,
  putTask,
  applyRetried,
} from './transitions.ts'
import { scratchTable } from '../state/overlay/scratch-table.ts'

/**
 * The state after one more event. Total: even an invalid event leads to a consistent state. Finding
 * invalid events is the job of `invariants.ts`; the fold rejects nothing.
 *
 * Takes ownership of `state`: its table is changed in place, so the caller must not use the old state again.
 * Copying a collection per event would make a fold quadratic.
 */
export const evolve = (state: State, line: Event): State => {
  const { table } = state
  const { time, lineTime, clock } = advanceTimeline(state, line)
  const isSteady = line.clock === undefined && line.boot === undefined && clock.shiftMs === 0
  const event = isSteady ? line : toElapsedEvent(line, time)
  apply(state, event)
  if (event.requestId !== undefined) recordRequest(table, event.requestId, event.seq)
  const workspace = event.event === 'opened' ? workspaceSettings(event) : state.workspace
  // One literal, so that all states have one shape.
  const moved = event.event === 'moved' ? toMove(event) : state.moved
  return { seq: event.seq, time, lineTime, clock, workspace, moved, logId: state.logId, table }
}

/** Applies an event, on elapsed time, to the tasks and the rules of kinds. */
const apply = (state: State, event: Event): void => {
  const { table } = state
  switch (event.event) {
    case 'opened':
      break
    case 'added':
      add(table, event)
      break
    case 'claimed':
      claim(state, event)
      break
    case 'renewed':
      updateTask(table, event.taskId, task => applyRenewed(task, event))
      break
    case 'completed':
      complete(table, event)
      break
    case 'failed':
      updateTask(table, event.taskId, task => applyFailed(task, event))
      break
    case 'released':
      updateTask(table, event.taskId, task => applyReleased(task, event))
      break
    case 'held':
      updateTask(table, event.taskId, task => applyHeld(task, event))
      break
    case 'unheld':
      updateTask(table, event.taskId, task => ({ ...task, hold: undefined }))
      break
    case 'cancelled':
      updateTask(table, event.taskId, task => applyCancelled(task, event))
      break
    case 'retried':
      retry(table, event)
      break
    case 'amended':
      amend(state, event)
      break
    case 'noted':
    case 'repaired':
    case 'moved':
      break
    case 'paused':
      table.putRules(event.kind, {
        ...table.rules(event.kind),
        paused: operatorAction(event),
      })
      break
    case 'resumed':
      table.putRules(event.kind, { ...table.rules(event.kind), paused: undefined })
      break
    case 'limited':
      table.putRules(event.kind, {
        ...table.rules(event.kind),
        limit: event.limit === null ? undefined : { ...eventRef(event), claims: event.limit },
      })
      break
  }
}

/** Records the events of a request, which are consecutive. */
const recordRequest = (table: Table, id: Label, seq: number): void => {
  const existing = table.request(id)
  if (existing === undefined) table.putRequest(id, { firstSeq: seq, lastSeq: seq })
  else if (existing.lastSeq === seq - 1) table.putRequest(id, { ...existing, lastSeq: seq })
}

/** `evolve` over many events; `fold(s, [...a, ...b])` is `fold(fold(s, a), b)`. */
export const fold = (state: State, events: Iterable<Event>): State => {
  let folded = state
  for (const event of events) folded = evolve(folded, event)
  return folded
}

const workspaceSettings = (event: Opened): State['workspace'] => ({
  id: event.workspace,
  openedAt: event.time,
  leaseMs: event.leaseMs,
  maxAttempts: event.maxAttempts,
  backoff: event.backoff,
})

const toMove = ({ seq, time, by, target, logId }: LogMoved): Move => ({ seq, time, by, target, logId })

const countOpenNeeds = (table: Table, needs: ReadonlyArray<TaskId> | undefined): number => {
  if (needs === undefined) return 0
  let open = 0
  for (const need of new Set(needs)) if (table.get(need)?.status !== 'done') open += 1
  return open
}

const add = (table: Table, event: Added): void => {
  if (table.get(event.taskId) !== undefined) return
  const task: Task = {
    id: event.taskId,
    kind: event.kind,
    seq: event.seq,
    addedAt: event.time,
    spec: pickSpec(event),
    notBeforeSetBy: event.notBefore === undefined ? undefined : eventRef(event),
    status: 'ready',
    attempts: 0,
    openNeeds: countOpenNeeds(table, event.needs),
    hold: undefined,
    claim: undefined,
    dueAt: pendingDueTime(event.notBefore, event.time),
    lastClaimEnd: undefined,
    lost: undefined,
    finished: undefined,
    retriedBy: undefined,
  }
  putTask(table, undefined, task)
  for (const entry of specEntries(task)) table.insert(entry, task.id)
}

const claim = (state: State, event: Claimed): void => {
  const { table } = state
  const task = table.get(event.taskId)
  if (task === undefined || isFinished(task)) return
  putTask(table, task, applyClaimed(task, event))
  promoteElapsed(state, event.time)
}

/**
 * Moves tasks whose lease has expired or that are due at `time` to the `ready` index, or to `exhausted` if no
 * attempts are left. Every claim does this for all kinds, so that a thousand leases that expire together are
 * processed once, and not by each claim that follows.
 */
const promoteElapsed = (state: State, time: Time): void => {
  const { table } = state
  for (const { id: kind } of table.kindsInOrder('leased', time))
    for (const id of table.range('leased', kind, time))
      updateTask(table, id, task => expireClaim(task, allowedAttempts(state, task)))
  for (const { id: kind } of table.kindsInOrder('due', time))
    for (const id of table.range('due', kind, time)) updateTask(table, id, clearDue)
}

const complete = (table: Table, event: Completed): void => {
  const task = table.get(event.taskId)
  if (task === undefined || isFinished(task)) return
  putTask(table, task, applyCompleted(task, event))
  for (const id of table.range('dependents', task.id)) updateTask(table, id, closeNeed)
}

const retry = (table: Table, event: Retried): void => {
  const task = table.get(event.taskId)
  if (task === undefined || !isFinished(task)) return
  putTask(table, task, applyRetried(task, event))
  if (task.status === 'done') for (const id of table.range('dependents', task.id)) updateTask(table, id, reopenNeed)
}

/** A task whose list was emptied has the same record as one that never had a list. */
const withoutEmptyLists = (spec: TaskSpec): TaskSpec => {
  const { needs, tags } = spec
  return { ...spec, needs: needs?.length === 0 ? undefined : needs, tags: tags?.length === 0 ? undefined : tags }
}

const amend = (state: State, event: Amended): void => {
  const { table } = state
  const task = table.get(event.taskId)
  if (task === undefined) return
  const changes = Object.fromEntries(Object.entries(pickSpec(event)).filter(([, value]) => value !== undefined))
  const spec = withoutEmptyLists({ ...task.spec, ...changes })
  const amended: Task = {
    ...task,
    kind: event.kind ?? task.kind,
    spec,
    openNeeds: event.needs === undefined ? task.openNeeds : countOpenNeeds(table, event.needs),
    dueAt: event.notBefore === undefined ? task.dueAt : pendingDueTime(event.notBefore, event.time),
    notBeforeSetBy: event.notBefore === undefined ? task.notBeforeSetBy : eventRef(event),
  }
  const updated = task.claim?.lapsed ? expireClaim(amended, allowedAttempts(state, amended)) : amended
  if (event.needs === undefined) return putTask(table, task, updated)
  for (const entry of specEntries(task)) table.delete(entry)
  putTask(table, task, updated)
  for (const entry of specEntries(amended)) table.insert(entry, task.id)
}

/** The state that `events` on log lines would lead to. `state` is unchanged and must not change meanwhile. */
export const previewFold = (state: State, events: ReadonlyArray<Event>): State =>
  fold({ ...state, table: scratchTable(state.table) }, events)

/** Like {@link previewFold}, for events that were decided on elapsed time and are not in the log yet. */
export const previewDecision = (state: State, events: ReadonlyArray<Event>): State =>
  previewFold({ ...state, clock: initialClock }, events)
