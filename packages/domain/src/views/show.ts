import * as E from 'fp-ts/lib/Either.js'
import type { TaskId } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import type { Time } from '../scalars.ts'
import { maxAttemptsOf, type State } from '../state.ts'
import { type ClaimView, claimView, defined, type TaskView, taskView } from './task-view.ts'

export type ShowView = {
  readonly task: TaskView
  readonly claim?: ClaimView
  readonly added_at: Time
  readonly attempts: number
  readonly max_attempts: number
  readonly open_needs?: ReadonlyArray<TaskId>
  readonly finished_at?: Time
  readonly finished_by?: string
  readonly seq: number
}

/** All that is known of one task now. */
export const showView = (state: State, taskId: TaskId): E.Either<Refusal, ShowView> => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const openNeeds = (task.spec.needs ?? []).filter(need => state.table.get(need)?.status !== 'done')
  return E.right(
    defined({
      task: taskView(task),
      claim: task.claim === undefined ? undefined : claimView(task.claim),
      added_at: task.addedAt,
      attempts: task.attempts,
      max_attempts: maxAttemptsOf(state, task),
      open_needs: openNeeds.length === 0 ? undefined : openNeeds,
      finished_at: task.finished?.time,
      finished_by: task.finished === undefined ? undefined : task.settled?.worker,
      seq: state.seq,
    }),
  )
}
