/** A queue of tasks on one event log: run commands, query, time travel, wait. */
export { type Answer, answerOf, claimedTask, commandAt, type Order, rehearse } from './order.ts'
export {
  checkpointKeeper,
  type CheckpointKeeper,
  type CheckpointOptions,
  type WhileReading,
} from './checkpoint-keeper.ts'
export { currentState, type CurrentState } from './current-state.ts'
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
export type { LogAhead, WorkspaceNotice } from './workspace-notice.ts'
export { openWorkspace, type Workspace, type WorkspaceOptions } from './workspace.ts'
