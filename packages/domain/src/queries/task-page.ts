import { freeCount, kindsWithWork } from '../decide/claims/claimable.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import { type State, taskOf } from '../state/state.ts'
import type { Table } from '../state/table.ts'
import { isLive, type Status, type Task } from '../state/task.ts'
import { later } from '../time/clock.ts'

/**
 * Where a task stands at a moment: its status, but that of the ready ones some are `claimed`, under a lease that has not
 * ended, and some `waiting`, for their time.
 */
export type Standing = Status | 'claimed' | 'waiting'

/** Every standing; those that are finished come last. */
export const standings = ['ready', 'claimed', 'waiting', 'blocked', 'done', 'failed', 'cancelled'] as const

/** Where `task` stands at the moment `now`. */
export const standingAt = (task: Task, now: Time): Standing => {
  if (task.claim !== undefined && isLive(task.claim, now)) return 'claimed'
  return task.status === 'ready' && task.dueAt !== undefined && task.dueAt > now ? 'waiting' : task.status
}

/** How many open tasks of a kind stand where. */
export type KindOpen = { readonly kind: Kind } & { readonly [S in 'ready' | 'claimed' | 'waiting' | 'blocked']: number }

/**
 * The open tasks at the moment `now`, counted by kind, in the order of the kinds' names; those that have no attempts left
 * are as good as failed, and not among them. It costs what there are of kinds, and of tasks that time has freed since the
 * last claim, never a look at all tasks.
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

/** Which tasks to page through: nothing said, the open ones. `after` is where the page before ended. */
export type PageQuery = {
  readonly kinds?: ReadonlyArray<Kind>
  readonly standing?: Standing
  readonly after?: number
  readonly most: number
}

/** Some tasks, each with the place to go on after, and whether there may be more; `end` is where looking for them ended. */
export type TaskPage = {
  readonly tasks: ReadonlyArray<{ readonly task: Task; readonly at: number }>
  readonly more: boolean
  readonly end: number
}

/** So many tasks are looked at for one page, however few of them are asked for: an answer must come. */
const mostLookedAt = 20_000

/**
 * The next tasks at the moment `now`: open ones oldest first, finished ones the newest first. Places stay what they are
 * while tasks come and go, so that whoever turns the page misses none that stays.
 */
export const taskPage = (state: State, { kinds, standing, after, most }: PageQuery, now: Time): TaskPage => {
  const moment = later(now, state.time)
  const ofFinished = standing === 'done' || standing === 'failed' || standing === 'cancelled'
  const { table } = state
  const wanted = kinds === undefined || kinds.length === 0 ? undefined : new Set(kinds)
  const tasks: Array<{ readonly task: Task; readonly at: number }> = []
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

/** The ids of the open tasks that were added after the event `after`, or of those that were finished before it. */
const idsBeyond = (table: Table, ofFinished: boolean, after: number | undefined): Iterable<TaskId> => {
  if (ofFinished)
    return after === undefined
      ? table.backwards('finished', '')
      : table.beyond('finished', '', { rank: after, seq: 0 }, 'backward')
  return after === undefined
    ? table.range('open', '')
    : table.beyond('open', '', { rank: after, seq: after }, 'forward')
}
