import { onWallClock } from '../time/clock.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import { allTasks } from '../queries/tasks.ts'
import type { State } from '../state/state.ts'
import { isLive, type Status, type Task } from '../state/task.ts'
import { rulesView, type RulesView } from './rules-view.ts'
import { type ClaimView, claimView } from './task-view.ts'

/** The rules of a kind, and how many of its tasks stand where. `claimed` are those under a live lease; they are not counted as `ready`. */
export type KindCounts = RulesView & { readonly claimed: number } & { readonly [S in Status]: number }

export type StatusView = {
  readonly workspace: string
  readonly opened_at: Time
  readonly seq: number
  readonly time: Time
  readonly tasks: number
  readonly kinds: ReadonlyArray<KindCounts>
  readonly claims: ReadonlyArray<ClaimView & { readonly task_id: TaskId; readonly lapsed: boolean }>
}

/** The workspace at a glance at the moment `now`. */
export const statusView = (state: State, now: Time): StatusView => {
  const tasks = allTasks(state)
  const kinds = new Map<Kind, Record<Status | 'claimed', number>>()
  for (const task of tasks) {
    const counts = kinds.get(task.kind) ?? noTasks()
    counts[standingAt(task, now)] += 1
    kinds.set(task.kind, counts)
  }
  for (const kind of [...state.table.ruledKinds()].sort())
    if (hasRules(state, kind) && !kinds.has(kind)) kinds.set(kind, noTasks())
  return {
    workspace: state.workspace?.id ?? '',
    opened_at: onWallClock(state.workspace?.openedAt, state.clock) ?? '',
    seq: state.seq,
    time: onWallClock(state.time, state.clock),
    tasks: tasks.length,
    kinds: [...kinds].map(([kind, counts]) => ({ ...rulesView(state, kind), ...counts })),
    claims: tasks
      .flatMap(({ id, claim }) =>
        claim === undefined ? [] : [{ task_id: id, ...claimView(claim, state.clock), lapsed: !isLive(claim, now) }],
      )
      .sort((a, b) => a.token - b.token),
  }
}

const noTasks = (): Record<Status | 'claimed', number> => ({
  ready: 0,
  claimed: 0,
  blocked: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
})

const hasRules = (state: State, kind: Kind): boolean => {
  const { paused, limit } = state.table.rules(kind)
  return paused !== undefined || limit !== undefined
}

const standingAt = (task: Task, now: Time): Status | 'claimed' =>
  task.claim !== undefined && isLive(task.claim, now) ? 'claimed' : task.status
