import { findTask, isLive, liveClaims, type State, type TaskId, type Time, type WorkerName } from '@claimlog/domain'
import { type ClaimedTask, taskWithClaim } from '@claimlog/wire'
import { toClaimedTask } from '@claimlog/workspace'

/** Returns the claim on a task if it is live at time `now`. */
export const findLiveClaim = (state: State, taskId: TaskId, now: Time): ClaimedTask | undefined => {
  const task = findTask(state, taskId)
  return task?.claim !== undefined && isLive(task.claim, now)
    ? toClaimedTask(taskWithClaim(task, state.clock))
    : undefined
}

/** The workers that have a live claim at time `now`. */
export const liveClaimHolders = (state: State, now: Time): ReadonlySet<WorkerName> =>
  new Set(liveClaims(state, now).keys())

/** Lists the claims of a worker that are live at time `now`. */
export const listLiveClaims = (state: State, worker: WorkerName, now: Time): ReadonlyArray<ClaimedTask> =>
  (liveClaims(state, now).get(worker) ?? []).map(task => toClaimedTask(taskWithClaim(task, state.clock)))
