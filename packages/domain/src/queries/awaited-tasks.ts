import * as E from 'fp-ts/lib/Either.js'
import { listDeadNeeds, listOpenNeeds } from '../decide/claims/guards.ts'
import type { Refusal } from '../decide/refusal.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import { previewDecision } from '../evolve/evolve.ts'
import { isExhausted, expiryFailures } from '../decide/claims/claimable.ts'
import type { State } from '../state/state.ts'
import { isFinished, isLive, type Task } from '../state/task.ts'
import { laterTime } from '../time/clock.ts'

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
export const queryAwaitedTasks = (
  state: State,
  taskIds: ReadonlyArray<TaskId>,
  now: Time,
): E.Either<Refusal, AwaitedTasks> => {
  const effectiveNow = laterTime(now, state.time)
  const earlierTasks: Array<Task> = []
  for (const taskId of taskIds) {
    const task = state.table.get(taskId)
    if (task === undefined) return E.left({ error: 'unknown_task', taskId })
    earlierTasks.push(task)
  }
  const updatedState = failExhausted(state, earlierTasks, effectiveNow)
  const tasks = earlierTasks.map(({ id }) => updatedState.table.get(id) as Task)
  const open = tasks.filter(task => !isFinished(task))
  return E.right({
    tasks,
    open: open.map(({ id }) => id),
    stuck: open
      .map(task => ({
        taskId: task.id,
        deadNeeds: listDeadNeeds(updatedState, listOpenNeeds(updatedState, task)),
      }))
      .filter(({ deadNeeds }) => deadNeeds.length > 0),
    nextAt: open.flatMap(task => (isExhausted(updatedState, task) ? (task.claim.leaseUntil ?? []) : [])).sort()[0],
    seq: state.seq,
  })
}

/** The state in which those of `tasks` whose last lease has expired are recorded as failed. */
const failExhausted = (state: State, tasks: ReadonlyArray<Task>, now: Time): State => {
  const exhausted = new Map(
    tasks.flatMap(task =>
      isExhausted(state, task) && !isLive(task.claim, now) ? [[task.id, { task, claim: task.claim }] as const] : [],
    ),
  )
  if (exhausted.size === 0) return state
  const failures = expiryFailures([...exhausted.values()], state.seq + 1, { requestId: undefined, time: now })
  return previewDecision(state, failures)
}
