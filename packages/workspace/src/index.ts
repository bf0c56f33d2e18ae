/** A queue of tasks on one event log: run a command, read, look back, wait. */
export {
  type Answer,
  answerOf,
  claimedTask,
  type ClaimedTask,
  commandAt,
  type Order,
  rehearse,
  type TaskAnswer,
} from './order.ts'
export { compareKept, type Comparison, type Folded, foldWhole } from './checkpoint-difference.ts'
export { checkpointKeeper, type CheckpointKeeper, type CheckpointOptions } from './checkpoint-keeper.ts'
export { currentState } from './current-state.ts'
export { parseJson } from './json-text.ts'
export { explainTooManyValues } from './json-values.ts'
export { littleAheadMs, machineClock } from './machine-clock.ts'
export { type Moment, type Past, pastsAt } from './moment.ts'
export type { ReadView, Seen, Views } from './views.ts'
export { type ClaimOrder, claimWhenReady, type GiveUp } from './waiting/claim-when-ready.ts'
export { pause } from './waiting/pause.ts'
export { untilAborted } from './waiting/until-aborted.ts'
export type { Aborted, Still, StillOpen, WaitFailure, WaitTimeout } from './waiting/wait-failure.ts'
export { waitForTasks, waitUntilEmpty } from './waiting/wait-for-tasks.ts'
export { nextAppend, type Waiting } from './waiting/wait-until.ts'
export { type Durability, type LogOptions, openDirectory, type WorkspaceInDirectory } from './workspace-in-directory.ts'
export type { LogAhead, WorkspaceNotice } from './workspace-notice.ts'
export { openWorkspace, type Workspace, type WorkspaceOptions } from './workspace.ts'
