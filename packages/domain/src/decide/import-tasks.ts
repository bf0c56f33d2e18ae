import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import type { Event } from '../events/index.ts'
import type { Refusal } from './refusal.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { startBatch } from './tasks/batch.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { type DecisionResult, appendOrUnchanged } from './decision.ts'
import { findFreeTasks, expiryFailures, computeLeaseEnd, freeSlots, type ExhaustedClaim } from './claims/claimable.ts'
import { normalizeExternal } from './tasks/external-tasks.ts'
import { findImportDifferences, type ImportedState, ImportedTask } from './tasks/imported-task.ts'
import { checkNewNeeds, sortByNeeds } from './tasks/needs.ts'

/**
 * Imports tasks with their state from a file, all or none. `foreign`: the file is another tool's, with other rules, so
 * {@link normalizeExternal} adapts its tasks. `keep`: a task that exists and differs stays as it is instead of being
 * refused.
 */
export const ImportTasks = commandCodec(
  'import',
  { tasks: listCodec(ImportedTask, 'a list of tasks') },
  { foreign: t.literal(true), keep: t.literal(true) },
)
export type ImportTasks = t.TypeOf<typeof ImportTasks>

/** The worker of a finished task if the file names none. */
const unknownWorker = 'import'

/**
 * Adds the tasks that do not exist yet and brings each to its imported state: on hold, claimed or finished. A task that
 * exists stays as it is, so importing a file twice changes nothing; one that differs is refused. Returns the added
 * tasks.
 */
export const importTasks = (command: ImportTasks, state: State): DecisionResult => {
  const now = decisionTime(state, command)
  const metadata = eventMetadata(command, now)
  const tasks = command.foreign === true ? normalizeExternal(state, command.tasks) : command.tasks
  const batch = startBatch(
    state,
    metadata,
    tasks.map(({ task }) => task),
  )
  const importedById = new Map<TaskId, ImportedTask>()
  for (const imported of tasks) {
    const existing = batch.find(imported.task)
    if (existing === undefined) importedById.set(batch.add(imported.task).taskId, imported)
    else if (existing.taskId === imported.task.taskId) {
      const fields = findImportDifferences(existing, imported.task, command.foreign === true)
      if (fields.length > 0 && command.keep !== true)
        return E.left({ error: 'task_exists', taskId: existing.taskId, fields, imported: true })
    }
  }
  const refusal =
    checkNewNeeds(state, batch.added) ??
    checkReachable(state, importedById) ??
    checkKindLimits(state, importedById, now)
  if (refusal !== undefined) return E.left(refusal)

  const events: Array<Event> = [...batch.added]
  for (const { taskId, needs = [] } of sortByNeeds(batch.added)) {
    const imported = importedById.get(taskId)
    if (imported === undefined) continue
    // A task that waits for its dependencies is blocked already; `held` means that a person put it on hold.
    const isBlocked = needs.some(need => !isDone(state, importedById, need))
    const seq = state.seq + events.length + 1
    const isLimited = state.table.rules(imported.task.kind).limit !== undefined
    events.push(...toStateEvents(state, taskId, imported.importedState, seq, isBlocked, isLimited, metadata))
  }
  for (const failure of expiryFailures(
    listExhausted(state, importedById, now),
    state.seq + events.length + 1,
    metadata,
  ))
    events.push(failure)
  return E.right(appendOrUnchanged(events, [...importedById.keys()], state.seq + events.length))
}

const isDone = (state: State, importedById: ReadonlyMap<TaskId, ImportedTask>, id: TaskId): boolean =>
  (importedById.get(id)?.importedState.status ?? state.table.get(id)?.status) === 'done'

/** Refuses a task that is claimed, done or failed while a dependency is not done: no sequence of events leads there. */
const checkReachable = (state: State, importedById: ReadonlyMap<TaskId, ImportedTask>): Refusal | undefined => {
  for (const [taskId, { task, importedState }] of importedById) {
    const { status, retryAt } = importedState
    const attempts = task.maxAttempts ?? state.workspace?.maxAttempts ?? 1
    if (status === 'ready' && retryAt !== undefined && attempts === 1)
      return { error: 'bad_input', detail: `${taskId} waits for a retry, but may be attempted only once` }
    const openNeed = isStarted(importedState)
      ? (task.needs ?? []).find(need => !isDone(state, importedById, need))
      : undefined
    if (openNeed !== undefined) {
      const currentStatus = status === 'ready' ? 'claimed' : status
      return {
        error: 'bad_input',
        detail: `${taskId} is ${currentStatus}, but it depends on ${openNeed}, which is not done`,
      }
    }
  }
  return undefined
}

/** True if the task was claimed at least once. */
const isStarted = ({ status, worker, retryAt }: ImportedState): boolean =>
  status === 'done' || status === 'failed' || worker !== undefined || retryAt !== undefined

/**
 * The expired claims with no attempts left in the kinds of imported claims: recorded, as any claim of the kind does.
 */
const listExhausted = (
  state: State,
  importedById: ReadonlyMap<TaskId, ImportedTask>,
  now: Time,
): ReadonlyArray<ExhaustedClaim> => {
  const claimed = [...importedById.values()].filter(
    ({ importedState }) => importedState.worker !== undefined || importedState.status === 'done',
  )
  return [...new Set(claimed.map(({ task }) => task.kind))].flatMap(
    kind => findFreeTasks(state, kind, now, 1).exhausted,
  )
}

/** Refuses more live claims than the limit of a kind allows. */
const checkKindLimits = (
  state: State,
  importedById: ReadonlyMap<TaskId, ImportedTask>,
  now: Time,
): Refusal | undefined => {
  const freeSlotsByKind = new Map<Kind, number>()
  for (const { task, importedState } of importedById.values()) {
    const { kind } = task
    const { status, worker, leaseUntil } = importedState
    const isExpired = typeof leaseUntil === 'string' && leaseUntil <= now
    if (status !== 'ready' || worker === undefined || isExpired) continue
    const slots = freeSlotsByKind.get(kind) ?? freeSlots(state, kind, now)
    if (slots === 0) return { error: 'kind_full', kind, limit: state.table.rules(kind).limit?.claims ?? 0 }
    freeSlotsByKind.set(kind, slots - 1)
  }
  return undefined
}

const toStateEvents = (
  state: State,
  taskId: TaskId,
  importedState: ImportedState,
  seq: number,
  isBlocked: boolean,
  isLimited: boolean,
  metadata: { readonly by?: string; readonly requestId?: string; readonly time: Time },
): ReadonlyArray<Event> => {
  const { worker = unknownWorker, reason, result, error = 'failed before it was imported', retryAt } = importedState
  const { leaseUntil = computeLeaseEnd(metadata.time, state.workspace?.leaseMs ?? null) } = importedState
  const claimed = { seq, event: 'claimed', worker, taskId, attempt: 1, leaseUntil, ...metadata } as const
  /** A claim that ends with the import must not count against the limit of its kind: its lease ends at once. */
  const instantClaim = isLimited ? ({ ...claimed, leaseUntil: metadata.time } as const) : claimed
  const endFields = { seq: seq + 1, worker, taskId, token: seq } as const
  switch (importedState.status) {
    case 'ready':
      if (importedState.worker !== undefined) return [claimed]
      return retryAt === undefined ? [] : [instantClaim, { ...endFields, event: 'failed', error, retryAt, ...metadata }]
    case 'held':
      return isBlocked && reason === undefined ? [] : [{ seq, event: 'held', taskId, reason, ...metadata }]
    case 'done':
      return [instantClaim, { ...endFields, event: 'completed', result, ...metadata }]
    case 'failed':
      return [instantClaim, { ...endFields, event: 'failed', error, retryAt: null, ...metadata }]
    case 'cancelled':
      return [{ seq, event: 'cancelled', taskId, reason, ...metadata }]
  }
}
