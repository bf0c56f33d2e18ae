import { onElapsed, timelineAfter, unsetClock } from '../time/clock.ts'
import type { Added, Amended, Claimed, Completed, Event, Opened, Retried } from '../events/index.ts'
import type { Label, TaskId, Time } from '../values/scalars.ts'
import { maxAttemptsOf, specEntries, type State } from '../state/state.ts'
import type { Table } from '../state/table.ts'
import { isFinished, specOf, type Task, type TaskSpec } from '../state/task.ts'
import {
  cancelled,
  change,
  claimed,
  completed,
  due,
  dueAfter,
  failed,
  held,
  lapsed,
  momentOf,
  needDone,
  needReopened,
  orderMomentOf,
  released,
  renewed,
  replace,
  retried,
} from './transitions.ts'
import { tableOver } from '../state/overlay/scratch.ts'

/**
 * The state after one more event. Total: even an invalid event leads to a consistent state. Finding
 * invalid events is the job of `invariants.ts`; the fold rejects nothing.
 *
 * Takes ownership of `state`: its table is changed in place, so the caller must not use the old state again.
 * Copying a collection per event would make a fold quadratic.
 */
export const evolve = (state: State, line: Event): State => {
  const { table } = state
  const { time, lineTime, clock } = timelineAfter(state, line)
  const isSteady = line.clock === undefined && line.boot === undefined && clock.shiftMs === 0
  const event = isSteady ? line : onElapsed(line, time)
  apply(state, event)
  if (event.requestId !== undefined) remember(table, event.requestId, event.seq)
  const workspace = event.event === 'opened' ? workspaceOf(event) : state.workspace
  // One literal, so that all states have one shape.
  return { seq: event.seq, time, lineTime, clock, workspace, table }
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
      change(table, event.taskId, task => renewed(task, event))
      break
    case 'completed':
      complete(table, event)
      break
    case 'failed':
      change(table, event.taskId, task => failed(task, event))
      break
    case 'released':
      change(table, event.taskId, task => released(task, event))
      break
    case 'held':
      change(table, event.taskId, task => held(task, event))
      break
    case 'unheld':
      change(table, event.taskId, task => ({ ...task, hold: undefined }))
      break
    case 'cancelled':
      change(table, event.taskId, task => cancelled(task, event))
      break
    case 'retried':
      retry(table, event)
      break
    case 'amended':
      amend(state, event)
      break
    case 'noted':
    case 'repaired':
      break
    case 'paused':
      table.putRules(event.kind, {
        ...table.rules(event.kind),
        paused: orderMomentOf(event),
      })
      break
    case 'resumed':
      table.putRules(event.kind, { ...table.rules(event.kind), paused: undefined })
      break
    case 'limited':
      table.putRules(event.kind, {
        ...table.rules(event.kind),
        limit: event.limit === null ? undefined : { ...momentOf(event), claims: event.limit },
      })
      break
  }
}

/** Records the events of a request, which are consecutive. */
const remember = (table: Table, id: Label, seq: number): void => {
  const known = table.request(id)
  if (known === undefined) table.putRequest(id, { firstSeq: seq, lastSeq: seq })
  else if (known.lastSeq === seq - 1) table.putRequest(id, { ...known, lastSeq: seq })
}

/** `evolve` over many events; `fold(s, [...a, ...b])` is `fold(fold(s, a), b)`. */
export const fold = (state: State, events: Iterable<Event>): State => {
  let folded = state
  for (const event of events) folded = evolve(folded, event)
  return folded
}

const workspaceOf = (event: Opened): State['workspace'] => ({
  id: event.workspace,
  openedAt: event.time,
  leaseMs: event.leaseMs,
  maxAttempts: event.maxAttempts,
  backoff: event.backoff,
})

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
    spec: specOf(event),
    notBeforeSetBy: event.notBefore === undefined ? undefined : momentOf(event),
    status: 'ready',
    attempts: 0,
    openNeeds: countOpenNeeds(table, event.needs),
    hold: undefined,
    claim: undefined,
    dueAt: dueAfter(event.notBefore, event.time),
    settled: undefined,
    lost: undefined,
    finished: undefined,
    revived: undefined,
  }
  replace(table, undefined, task)
  for (const place of specEntries(task)) table.insert(place, task.id)
}

const claim = (state: State, event: Claimed): void => {
  const { table } = state
  const task = table.get(event.taskId)
  if (task === undefined || isFinished(task)) return
  replace(table, task, claimed(task, event))
  letTimePass(state, event.time)
}

/**
 * Moves tasks whose lease has expired or that are due at `time` to the `ready` index, or to `usedUp` if no
 * attempts are left. Every claim does this for all kinds, so that a thousand leases that expire together are
 * processed once, and not by each claim that follows.
 */
const letTimePass = (state: State, time: Time): void => {
  const { table } = state
  for (const { id: kind } of table.kindsInOrder('leased', time))
    for (const id of table.range('leased', kind, time))
      change(table, id, task => lapsed(task, maxAttemptsOf(state, task)))
  for (const { id: kind } of table.kindsInOrder('due', time))
    for (const id of table.range('due', kind, time)) change(table, id, due)
}

const complete = (table: Table, event: Completed): void => {
  const task = table.get(event.taskId)
  if (task === undefined || isFinished(task)) return
  replace(table, task, completed(task, event))
  for (const id of table.range('dependents', task.id)) change(table, id, needDone)
}

const retry = (table: Table, event: Retried): void => {
  const task = table.get(event.taskId)
  if (task === undefined || !isFinished(task)) return
  replace(table, task, retried(task, event))
  if (task.status === 'done') for (const id of table.range('dependents', task.id)) change(table, id, needReopened)
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
  const said = Object.fromEntries(Object.entries(specOf(event)).filter(([, value]) => value !== undefined))
  const spec = withoutEmptyLists({ ...task.spec, ...said })
  const amended: Task = {
    ...task,
    kind: event.kind ?? task.kind,
    spec,
    openNeeds: event.needs === undefined ? task.openNeeds : countOpenNeeds(table, event.needs),
    dueAt: event.notBefore === undefined ? task.dueAt : dueAfter(event.notBefore, event.time),
    notBeforeSetBy: event.notBefore === undefined ? task.notBeforeSetBy : momentOf(event),
  }
  const after = task.claim?.lapsed ? lapsed(amended, maxAttemptsOf(state, amended)) : amended
  if (event.needs === undefined) return replace(table, task, after)
  for (const place of specEntries(task)) table.delete(place)
  replace(table, task, after)
  for (const place of specEntries(amended)) table.insert(place, task.id)
}

/** The state that `events` on log lines would lead to. `state` is unchanged and must not change meanwhile. */
export const foldOver = (state: State, events: ReadonlyArray<Event>): State =>
  fold({ ...state, table: tableOver(state.table) }, events)

/** Like {@link foldOver}, for events that were decided on elapsed time and are not in the log yet. */
export const foldDecided = (state: State, events: ReadonlyArray<Event>): State =>
  foldOver({ ...state, clock: unsetClock }, events)
