import {
  findTask,
  isLive,
  liveClaims,
  type State,
  type Task,
  type TaskId,
  type Time,
  type WorkerName,
} from '@claimlog/domain'
import { claimView, taskView } from '@claimlog/wire'
import type { ClaimedTask } from '@claimlog/wire'

/** The claim on a task that is live at the moment `now`; undefined: there is none. */
export const liveClaimOn = (state: State, taskId: TaskId, now: Time): ClaimedTask | undefined => {
  const task = findTask(state, taskId)
  return task?.claim !== undefined && isLive(task.claim, now) ? claimedTaskIn(state, task) : undefined
}

/** The workers that hold a claim that is live at the moment `now`. */
export const liveHolders = (state: State, now: Time): ReadonlySet<WorkerName> => new Set(liveClaims(state, now).keys())

/** The claims of a worker that are live at the moment `now`. */
export const liveClaimsOf = (state: State, worker: WorkerName, now: Time): ReadonlyArray<ClaimedTask> =>
  (liveClaims(state, now).get(worker) ?? []).flatMap(task => claimedTaskIn(state, task) ?? [])

const claimedTaskIn = ({ clock }: State, task: Task): ClaimedTask | undefined =>
  task.claim === undefined ? undefined : { task: taskView(task, clock), claim: claimView(task.claim, clock) }
