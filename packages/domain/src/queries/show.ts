import * as E from 'fp-ts/lib/Either.js'
import type { TaskId } from '../values/scalars.ts'
import type { Refusal } from '../decide/refusal.ts'
import { deadAmong, openNeedsOf } from '../decide/claims/guards.ts'
import { maxAttemptsOf, type State } from '../state/state.ts'
import type { Task } from '../state/task.ts'

/** A task, and what only the state around it tells. */
export type KnownTask = {
  readonly task: Task
  readonly maxAttempts: number
  readonly openNeeds: ReadonlyArray<TaskId>
  /** Those of them that failed or were cancelled: the task waits for them in vain. */
  readonly deadNeeds: ReadonlyArray<TaskId>
  /** The worker whose word ended it, or who gave the order. */
  readonly finishedBy: string | undefined
}

/** All that is known of one task now. */
export const showTask = (state: State, taskId: TaskId): E.Either<Refusal, KnownTask> => {
  const task = state.table.get(taskId)
  return task === undefined ? E.left({ error: 'unknown_task', taskId }) : E.right(describeTask(state, task))
}

/** All that is known of `task`, which is in the state. */
export const describeTask = (state: State, task: Task): KnownTask => {
  const openNeeds = openNeedsOf(state, task)
  const deadNeeds = deadAmong(state, openNeeds)
  return { task, maxAttempts: maxAttemptsOf(state, task), openNeeds, deadNeeds, finishedBy: finishedBy(task) }
}

const finishedBy = ({ finished, status, settled }: Task): string | undefined => {
  if (finished === undefined) return undefined
  return status === 'cancelled' ? finished.by : settled?.worker
}
