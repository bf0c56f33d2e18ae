import { findTask, isLive, liveClaims, type State, type TaskId, type Time, type WorkerName } from '@claimlog/domain'
import { type ClaimedTask, taskAnswer } from '@claimlog/wire'
import { claimedTask } from '@claimlog/workspace'

/** The claim on a task that is live at the moment `now`; undefined: there is none. */
export const liveClaimOn = (state: State, taskId: TaskId, now: Time): ClaimedTask | undefined => {
  const task = findTask(state, taskId)
  return task?.claim !== undefined && isLive(task.claim, now) ? claimedTask(taskAnswer(task, state.clock)) : undefined
}

/** The workers that hold a claim that is live at the moment `now`. */
export const liveHolders = (state: State, now: Time): ReadonlySet<WorkerName> => new Set(liveClaims(state, now).keys())

/** The claims of a worker that are live at the moment `now`. */
export const liveClaimsOf = (state: State, worker: WorkerName, now: Time): ReadonlyArray<ClaimedTask> =>
  (liveClaims(state, now).get(worker) ?? []).map(task => claimedTask(taskAnswer(task, state.clock)))
