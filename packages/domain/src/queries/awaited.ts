import * as E from 'fp-ts/lib/Either.js'
import { deadAmong, openNeedsOf } from '../decide/claims/guards.ts'
import type { Refusal } from '../decide/refusal.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import { foldDecided } from '../evolve/evolve.ts'
import { isUsedUp, lapsesOf } from '../decide/claims/claimable.ts'
import type { State } from '../state/state.ts'
import { isFinished, isLive, type Task } from '../state/task.ts'
import { later } from '../time/clock.ts'

/** The state of the tasks that a caller waits for, in the order in which they were named. */
export type AwaitedTasks<A = Task> = {
  readonly tasks: ReadonlyArray<A>
  /** The unfinished ones. */
  readonly open: ReadonlyArray<TaskId>
  /** The open ones with dependencies that failed or were cancelled. */
  readonly stuck: ReadonlyArray<{ readonly taskId: TaskId; readonly deadNeeds: ReadonlyArray<TaskId> }>
  /** The first time at which a task fails because its last lease expires; undefined: only an event can finish one. */
  readonly nextAt: Time | undefined
  readonly seq: number
}

/**
 * Returns the state of `taskIds` at `now`. A task whose last lease has expired counts as failed. Only the next
 * claim of its kind will record that, and there may be no worker left to make it.
 */
export const lookAtAwaited = (
  state: State,
  taskIds: ReadonlyArray<TaskId>,
  now: Time,
): E.Either<Refusal, AwaitedTasks> => {
  const moment = later(now, state.time)
  const named: Array<Task> = []
  for (const taskId of taskIds) {
    const task = state.table.get(taskId)
    if (task === undefined) return E.left({ error: 'unknown_task', taskId })
    named.push(task)
  }
  const after = withLapses(state, named, moment)
  const tasks = named.map(({ id }) => after.table.get(id) as Task)
  const open = tasks.filter(task => !isFinished(task))
  return E.right({
    tasks,
    open: open.map(({ id }) => id),
    stuck: open
      .map(task => ({ taskId: task.id, deadNeeds: deadAmong(after, openNeedsOf(after, task)) }))
      .filter(({ deadNeeds }) => deadNeeds.length > 0),
    nextAt: open.flatMap(task => (isUsedUp(after, task) ? (task.claim.leaseUntil ?? []) : [])).sort()[0],
    seq: state.seq,
  })
}

/** The state in which those of `tasks` whose last lease has expired are recorded as failed. */
const withLapses = (state: State, tasks: ReadonlyArray<Task>, now: Time): State => {
  const usedUp = new Map(
    tasks.flatMap(task =>
      isUsedUp(state, task) && !isLive(task.claim, now) ? [[task.id, { task, claim: task.claim }] as const] : [],
    ),
  )
  if (usedUp.size === 0) return state
  const lapses = lapsesOf([...usedUp.values()], state.seq + 1, { requestId: undefined, time: now })
  return foldDecided(state, lapses)
}
