import { countFreeTasks, listUnblockedKinds } from '../decide/claims/claimable.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import { type State, getTask } from '../state/state.ts'
import type { Table } from '../state/table.ts'
import { isLive, type Status, type Task } from '../state/task.ts'
import { laterTime } from '../time/clock.ts'

/**
 * The status of a task as it is displayed: a ready task is `claimed` if its lease has not expired, and
 * `waiting` if it is not due yet.
 */
export type DisplayStatus = Status | 'claimed' | 'waiting'

/** All display statuses; those of finished tasks come last. */
export const displayStatuses = ['ready', 'claimed', 'waiting', 'blocked', 'done', 'failed', 'cancelled'] as const

export const displayStatus = (task: Task, now: Time): DisplayStatus => {
  if (task.claim !== undefined && isLive(task.claim, now)) return 'claimed'
  return task.status === 'ready' && task.dueAt !== undefined && task.dueAt > now ? 'waiting' : task.status
}

/** The number of open tasks of a kind per display status. */
export type OpenKindCounts = { readonly kind: Kind } & {
  readonly [S in 'ready' | 'claimed' | 'waiting' | 'blocked']: number
}

/**
 * Counts the open tasks at `now` by kind, sorted by name. Tasks that have no attempts left count as failed and
 * are left out. The cost depends on the number of kinds, expired leases and due tasks since the last claim, not
 * on the number of tasks.
 */
export const countOpenByKind = (state: State, now: Time): ReadonlyArray<OpenKindCounts> => {
  const { table } = state
  const effectiveNow = laterTime(now, state.time)
  const kinds = new Set([...listUnblockedKinds(state), ...table.partitions('blocked')])
  return [...kinds].sort().map(kind => {
    const expired = [...table.range('leased', kind, effectiveNow)].map(id => getTask(state, id))
    const waiting = expired.filter(task => displayStatus(task, effectiveNow) === 'waiting').length
    return {
      kind,
      ready: countFreeTasks(state, kind, effectiveNow),
      claimed: table.count('leased', kind) - expired.length,
      waiting: table.count('due', kind) - [...table.range('due', kind, effectiveNow)].length + waiting,
      blocked: table.count('blocked', kind),
    }
  })
}

/** A filter for pages of tasks; without a status, the open ones. `after` is the `end` of the previous page. */
export type PageQuery = {
  readonly kinds?: ReadonlyArray<Kind>
  readonly status?: DisplayStatus
  readonly after?: number
  readonly pageSize: number
}

/**
 * A page of tasks, each with its cursor. `end` is the cursor of the last task that was read, `more` if there
 * may be more.
 */
export type TaskPage = {
  readonly tasks: ReadonlyArray<{ readonly task: Task; readonly cursor: number }>
  readonly more: boolean
  readonly end: number
}

/** The limit of tasks read for one page, even if few of them match: the query must return in time. */
const pageReadsMax = 20_000

/**
 * The next page of tasks at `now`: open ones oldest first, finished ones newest first. Cursors are stable while
 * tasks are added and finished, so paging misses no task that stays in the list.
 */
export const taskPage = (state: State, { kinds, status, after, pageSize }: PageQuery, now: Time): TaskPage => {
  const effectiveNow = laterTime(now, state.time)
  const isFinishedPage = status === 'done' || status === 'failed' || status === 'cancelled'
  const { table } = state
  const wantedKinds = kinds === undefined || kinds.length === 0 ? undefined : new Set(kinds)
  const tasks: Array<TaskPage['tasks'][number]> = []
  let [reads, end] = [0, after ?? 0]
  for (const id of pageIds(table, isFinishedPage, after)) {
    const task = getTask(state, id)
    const cursor = task.finished?.seq ?? task.seq
    if (tasks.length === pageSize || reads === pageReadsMax) return { tasks, more: true, end }
    reads += 1
    end = cursor
    if (wantedKinds !== undefined && !wantedKinds.has(task.kind)) continue
    if (status === undefined || displayStatus(task, effectiveNow) === status) tasks.push({ task, cursor })
  }
  return { tasks, more: false, end }
}

/** The open tasks that were added after the event `after`, or the tasks that were finished before it. */
const pageIds = (table: Table, isFinishedPage: boolean, after: number | undefined): Iterable<TaskId> => {
  if (isFinishedPage)
    return after === undefined
      ? table.reverseRange('finished', '')
      : table.seek('finished', '', { rank: after, seq: 0 }, 'backward')
  return after === undefined ? table.range('open', '') : table.seek('open', '', { rank: after, seq: after }, 'forward')
}
