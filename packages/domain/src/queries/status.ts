import type { Kind, TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { allTasks } from './tasks.ts'
import type { KindRules } from '../state/table.ts'
import { type Claim, isLive, type Status, type Task } from '../state/task.ts'
import { kindRules, ruledKinds } from './kinds.ts'

/** The number of tasks per status. Tasks with a live lease count as `claimed` and not as `ready`. */
type StatusCounts = { readonly [S in Status | 'claimed']: number }

/** The tasks of a workspace, counted by kind, and its claims, oldest first. */
export type WorkspaceStatus = {
  readonly tasks: number
  readonly kinds: ReadonlyArray<{ readonly kind: Kind; readonly rules: KindRules; readonly counts: StatusCounts }>
  readonly claims: ReadonlyArray<{ readonly taskId: TaskId; readonly claim: Claim; readonly lapsed: boolean }>
}

/** Counts all tasks by kind and status at `now`. */
export const countTasks = (state: State, now: Time): WorkspaceStatus => {
  const tasks = allTasks(state)
  const kinds = new Map<Kind, Record<Status | 'claimed', number>>()
  for (const task of tasks) {
    const counts = kinds.get(task.kind) ?? zeroCounts()
    counts[countedStatus(task, now)] += 1
    kinds.set(task.kind, counts)
  }
  for (const kind of [...ruledKinds(state)].sort())
    if (hasRules(state, kind) && !kinds.has(kind)) kinds.set(kind, zeroCounts())
  return {
    tasks: tasks.length,
    kinds: [...kinds].map(([kind, counts]) => ({ kind, rules: kindRules(state, kind), counts })),
    claims: tasks
      .flatMap(({ id, claim }) => (claim === undefined ? [] : [{ taskId: id, claim, lapsed: !isLive(claim, now) }]))
      .sort((a, b) => a.claim.token - b.claim.token),
  }
}

const zeroCounts = (): Record<Status | 'claimed', number> => ({
  ready: 0,
  claimed: 0,
  blocked: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
})

const hasRules = (state: State, kind: Kind): boolean => {
  const { paused, limit } = kindRules(state, kind)
  return paused !== undefined || limit !== undefined
}

const countedStatus = (task: Task, now: Time): Status | 'claimed' =>
  task.claim !== undefined && isLive(task.claim, now) ? 'claimed' : task.status
