import * as E from 'fp-ts/lib/Either.js'
import type { TaskId } from '../values/scalars.ts'
import type { Refusal } from '../decide/refusal.ts'
import { listDeadNeeds, listOpenNeeds } from '../decide/claims/guards.ts'
import { allowedAttempts, type State } from '../state/state.ts'
import type { Task } from '../state/task.ts'

/** A task with values that depend on the state around it. */
export type TaskDetails = {
  readonly task: Task
  readonly maxAttempts: number
  readonly openNeeds: ReadonlyArray<TaskId>
  /** The open dependencies that failed or were cancelled, which keep the task blocked. */
  readonly deadNeeds: ReadonlyArray<TaskId>
  /** The worker that completed or failed the task, or the author of the cancellation. */
  readonly finishedBy: string | undefined
}

export const showTask = (state: State, taskId: TaskId): E.Either<Refusal, TaskDetails> => {
  const task = state.table.get(taskId)
  return task === undefined ? E.left({ error: 'unknown_task', taskId }) : E.right(describeTask(state, task))
}

export const describeTask = (state: State, task: Task): TaskDetails => {
  const openNeeds = listOpenNeeds(state, task)
  const deadNeeds = listDeadNeeds(state, openNeeds)
  return { task, maxAttempts: allowedAttempts(state, task), openNeeds, deadNeeds, finishedBy: finisher(task) }
}

const finisher = ({ finished, status, lastClaimEnd }: Task): string | undefined => {
  if (finished === undefined) return undefined
  return status === 'cancelled' ? finished.by : lastClaimEnd?.worker
}
