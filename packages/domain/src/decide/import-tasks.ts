import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import type { Event } from '../events/index.ts'
import type { Refusal } from './refusal.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { batchOn } from './tasks/batch.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { type Decided, someEvents } from './decision.ts'
import { freeOf, lapsesOf, leaseEnd, roomIn, type UsedUp } from './claims/claimable.ts'
import { asTakenOver } from './tasks/foreign-tasks.ts'
import { differingWhenImported, type ImportedStanding, ImportedTask } from './tasks/imported-task.ts'
import { findNeedsProblem, inNeedsOrder } from './tasks/needs.ts'

/**
 * Imports tasks with their state from a file, all or none. `foreign`: the file is another tool's, with other rules, so
 * its tasks are adapted by {@link asTakenOver}. `keep`: a task that exists and differs stays as it is instead of being
 * refused.
 */
export const ImportTasks = commandCodec(
  'import',
  { tasks: listOf(ImportedTask, 'a list of tasks') },
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
export const importTasks = (command: ImportTasks, state: State): Decided => {
  const now = momentOf(state, command)
  const stamp = stampOf(command, now)
  const tasks = command.foreign === true ? asTakenOver(state, command.tasks) : command.tasks
  const batch = batchOn(
    state,
    stamp,
    tasks.map(({ task }) => task),
  )
  const came = new Map<TaskId, ImportedTask>()
  for (const imported of tasks) {
    const existing = batch.find(imported.task)
    if (existing === undefined) came.set(batch.add(imported.task).taskId, imported)
    else if (existing.taskId === imported.task.taskId) {
      const fields = differingWhenImported(existing, imported.task, command.foreign === true)
      if (fields.length > 0 && command.keep !== true)
        return E.left({ error: 'task_exists', taskId: existing.taskId, fields, imported: true })
    }
  }
  const problem =
    findNeedsProblem(state, batch.added) ?? findOrderProblem(state, came) ?? findFullKind(state, came, now)
  if (problem !== undefined) return E.left(problem)

  const events: Array<Event> = [...batch.added]
  for (const { taskId, needs = [] } of inNeedsOrder(batch.added)) {
    const imported = came.get(taskId)
    if (imported === undefined) continue
    // A task that waits for its dependencies is blocked already; `held` means that a person put it on hold.
    const waits = needs.some(need => !isDone(state, came, need))
    const seq = state.seq + events.length + 1
    const isLimited = state.table.rules(imported.task.kind).limit !== undefined
    events.push(...standingEvents(state, taskId, imported.standing, seq, waits, isLimited, stamp))
  }
  for (const lapse of lapsesOf(usedUpBeside(state, came, now), state.seq + events.length + 1, stamp)) events.push(lapse)
  return E.right(someEvents(events, [...came.keys()], state.seq + events.length))
}

const isDone = (state: State, came: ReadonlyMap<TaskId, ImportedTask>, id: TaskId): boolean =>
  (came.get(id)?.standing.status ?? state.table.get(id)?.status) === 'done'

/** Refuses a task that is claimed, done or failed while a dependency is not done: no sequence of events leads there. */
const findOrderProblem = (state: State, came: ReadonlyMap<TaskId, ImportedTask>): Refusal | undefined => {
  for (const [taskId, { task, standing }] of came) {
    const { status, retryAt } = standing
    const attempts = task.maxAttempts ?? state.workspace?.maxAttempts ?? 1
    if (status === 'ready' && retryAt !== undefined && attempts === 1)
      return { error: 'bad_input', detail: `${taskId} waits for a retry, but may be attempted only once` }
    const open = isStarted(standing) ? (task.needs ?? []).find(need => !isDone(state, came, need)) : undefined
    if (open !== undefined) {
      const is = status === 'ready' ? 'claimed' : status
      return { error: 'bad_input', detail: `${taskId} is ${is}, but it depends on ${open}, which is not done` }
    }
  }
  return undefined
}

/** True if the task was claimed at least once. */
const isStarted = ({ status, worker, retryAt }: ImportedStanding): boolean =>
  status === 'done' || status === 'failed' || worker !== undefined || retryAt !== undefined

/**
 * The expired claims with no attempts left in the kinds of imported claims: recorded, as any claim of the kind does.
 */
const usedUpBeside = (state: State, came: ReadonlyMap<TaskId, ImportedTask>, now: Time): ReadonlyArray<UsedUp> => {
  const claimed = [...came.values()].filter(
    ({ standing }) => standing.worker !== undefined || standing.status === 'done',
  )
  return [...new Set(claimed.map(({ task }) => task.kind))].flatMap(kind => freeOf(state, kind, now, 1).usedUp)
}

/** Refuses more live claims than the limit of a kind allows. */
const findFullKind = (state: State, came: ReadonlyMap<TaskId, ImportedTask>, now: Time): Refusal | undefined => {
  const room = new Map<Kind, number>()
  for (const { task, standing } of came.values()) {
    const { kind } = task
    const { status, worker, leaseUntil } = standing
    const ended = typeof leaseUntil === 'string' && leaseUntil <= now
    if (status !== 'ready' || worker === undefined || ended) continue
    const left = room.get(kind) ?? roomIn(state, kind, now)
    if (left === 0) return { error: 'kind_full', kind, limit: state.table.rules(kind).limit?.claims ?? 0 }
    room.set(kind, left - 1)
  }
  return undefined
}

const standingEvents = (
  state: State,
  taskId: TaskId,
  standing: ImportedStanding,
  seq: number,
  waits: boolean,
  isLimited: boolean,
  stamp: { readonly by?: string; readonly requestId?: string; readonly time: Time },
): ReadonlyArray<Event> => {
  const { worker = unknownWorker, reason, result, error = 'failed before it was imported', retryAt } = standing
  const { leaseUntil = leaseEnd(stamp.time, state.workspace?.leaseMs ?? null) } = standing
  const claimed = { seq, event: 'claimed', worker, taskId, attempt: 1, leaseUntil, ...stamp } as const
  /** A claim that ends with the import must not count against the limit of its kind: its lease ends at once. */
  const passing = isLimited ? ({ ...claimed, leaseUntil: stamp.time } as const) : claimed
  const settled = { seq: seq + 1, worker, taskId, token: seq } as const
  switch (standing.status) {
    case 'ready':
      if (standing.worker !== undefined) return [claimed]
      return retryAt === undefined ? [] : [passing, { ...settled, event: 'failed', error, retryAt, ...stamp }]
    case 'held':
      return waits && reason === undefined ? [] : [{ seq, event: 'held', taskId, reason, ...stamp }]
    case 'done':
      return [passing, { ...settled, event: 'completed', result, ...stamp }]
    case 'failed':
      return [passing, { ...settled, event: 'failed', error, retryAt: null, ...stamp }]
    case 'cancelled':
      return [{ seq, event: 'cancelled', taskId, reason, ...stamp }]
  }
}
