import * as E from 'fp-ts/lib/Either.js'
import type { Refusal } from '../decide/refusal.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import { onWallClock } from '../time/clock.ts'
import { deadAmong, openNeedsOf } from '../decide/claims/guards.ts'
import { maxAttemptsOf, type State } from '../state/state.ts'
import type { Task } from '../state/task.ts'
import { type ClaimView, claimView, defined, type TaskView, taskView } from './task-view.ts'

export type ShowView = {
  readonly task: TaskView
  readonly claim?: ClaimView
  readonly added_at: Time
  readonly attempts: number
  readonly max_attempts: number
  readonly open_needs?: ReadonlyArray<TaskId>
  /** Those of them that failed or were cancelled: the task waits for them in vain. */
  readonly dead_needs?: ReadonlyArray<TaskId>
  readonly cancel_reason?: string
  readonly finished_at?: Time
  readonly finished_by?: string
  readonly seq: number
}

/** All that is known of one task now. */
export const showView = (state: State, taskId: TaskId): E.Either<Refusal, ShowView> => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const openNeeds = openNeedsOf(state, task)
  const deadNeeds = deadAmong(state, openNeeds)
  return E.right(
    defined({
      task: taskView(task, state.clock),
      claim: task.claim === undefined ? undefined : claimView(task.claim, state.clock),
      added_at: onWallClock(task.addedAt, state.clock),
      attempts: task.attempts,
      max_attempts: maxAttemptsOf(state, task),
      open_needs: openNeeds.length === 0 ? undefined : openNeeds,
      dead_needs: deadNeeds.length === 0 ? undefined : deadNeeds,
      finished_at: onWallClock(task.finished?.time, state.clock),
      finished_by: finishedBy(task),
      cancel_reason: task.finished?.reason,
      seq: state.seq,
    }),
  )
}

/** The worker whose word ended it, or who gave the order. */
const finishedBy = ({ finished, status, settled }: Task): string | undefined => {
  if (finished === undefined) return undefined
  return status === 'cancelled' ? finished.by : settled?.worker
}
