import { freeCount, kindsWithWork } from '../decide/claims/claimable.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import { type State, taskOf } from '../state/state.ts'
import type { Table } from '../state/table.ts'
import { isLive, type Status, type Task } from '../state/task.ts'
import { later } from '../time/clock.ts'

/**
 * The status of a task as it is displayed: a ready task is `claimed` if its lease has not expired, and
 * `waiting` if it is not due yet.
 */
export type Standing = Status | 'claimed' | 'waiting'

/** All display statuses; those of finished tasks come last. */
export const standings = ['ready', 'claimed', 'waiting', 'blocked', 'done', 'failed', 'cancelled'] as const

export const standingAt = (task: Task, now: Time): Standing => {
  if (task.claim !== undefined && isLive(task.claim, now)) return 'claimed'
  return task.status === 'ready' && task.dueAt !== undefined && task.dueAt > now ? 'waiting' : task.status
}

/** The number of open tasks of a kind per display status. */
export type KindOpen = { readonly kind: Kind } & { readonly [S in 'ready' | 'claimed' | 'waiting' | 'blocked']: number }

/**
 * Counts the open tasks at `now` by kind, sorted by name. Tasks that have no attempts left count as failed and
 * are left out. The cost depends on the number of kinds, expired leases and due tasks since the last claim, not
 * on the number of tasks.
 */
export const openCounts = (state: State, now: Time): ReadonlyArray<KindOpen> => {
  const { table } = state
  const moment = later(now, state.time)
  const kinds = new Set([...kindsWithWork(state), ...table.partitions('blocked')])
  return [...kinds].sort().map(kind => {
    const ended = [...table.range('leased', kind, moment)].map(id => taskOf(state, id))
    const waiting = ended.filter(task => standingAt(task, moment) === 'waiting').length
    return {
      kind,
      ready: freeCount(state, kind, moment),
      claimed: table.count('leased', kind) - ended.length,
      waiting: table.count('due', kind) - [...table.range('due', kind, moment)].length + waiting,
      blocked: table.count('blocked', kind),
    }
  })
}

/** A filter for pages of tasks; without a status, the open ones. `after` is the `end` of the previous page. */
export type PageQuery = {
  readonly kinds?: ReadonlyArray<Kind>
  readonly standing?: Standing
  readonly after?: number
  readonly most: number
}

/**
 * A page of tasks, each with its cursor. `end` is the cursor of the last task that was read, `more` if there
 * may be more.
 */
export type TaskPage = {
  readonly tasks: ReadonlyArray<{ readonly task: Task; readonly at: number }>
  readonly more: boolean
  readonly end: number
}

/** The limit of tasks read for one page, even if few of them match: the query must return in time. */
const mostLookedAt = 20_000

/**
 * The next page of tasks at `now`: open ones oldest first, finished ones newest first. Cursors are stable while
 * tasks are added and finished, so paging misses no task that stays in the list.
 */
export const taskPage = (state: State, { kinds, standing, after, most }: PageQuery, now: Time): TaskPage => {
  const moment = later(now, state.time)
  const ofFinished = standing === 'done' || standing === 'failed' || standing === 'cancelled'
  const { table } = state
  const wanted = kinds === undefined || kinds.length === 0 ? undefined : new Set(kinds)
  const tasks: Array<TaskPage['tasks'][number]> = []
  let [lookedAt, end] = [0, after ?? 0]
  for (const id of idsBeyond(table, ofFinished, after)) {
    const task = taskOf(state, id)
    const at = task.finished?.seq ?? task.seq
    if (tasks.length === most || lookedAt === mostLookedAt) return { tasks, more: true, end }
    lookedAt += 1
    end = at
    if (wanted !== undefined && !wanted.has(task.kind)) continue
    if (standing === undefined || standingAt(task, moment) === standing) tasks.push({ task, at })
  }
  return { tasks, more: false, end }
}

/** The open tasks that were added after the event `after`, or the tasks that were finished before it. */
const idsBeyond = (table: Table, ofFinished: boolean, after: number | undefined): Iterable<TaskId> => {
  if (ofFinished)
    return after === undefined
      ? table.backwards('finished', '')
      : table.beyond('finished', '', { rank: after, seq: 0 }, 'backward')
  return after === undefined
    ? table.range('open', '')
    : table.beyond('open', '', { rank: after, seq: after }, 'forward')
}
