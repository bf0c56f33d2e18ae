/** A queue of tasks on one event log: run commands, query, time travel, wait. */
export {
  type CommandResult,
  toCommandResult,
  toClaimedTask,
  toCommand,
  type CommandInput,
  dryRun,
} from './command-input.ts'
export {
  checkpointStore,
  type CheckpointStore,
  type CheckpointStoreOptions,
  type WithProgress,
} from './checkpoint-store.ts'
export { currentState, type CurrentState } from './current-state.ts'
export { parseJson } from './parse-json.ts'
export { explainTooManyValues } from './json-value-limit.ts'
export { type Clock, clockSkewMsMax, readClocks } from './machine-clock.ts'
export { type PointInTime, type PastState, readPastStates } from './time-travel.ts'
export type { Query, QueryResult, Queries } from './queries.ts'
export { type ClaimInput, claimWhenReady, type ShouldStopWaiting } from './waiting/claim-when-ready.ts'
export { pause } from './waiting/pause.ts'
export { orAborted } from './waiting/commit-gate.ts'
export type { Aborted, WaitBlocker, UnfinishedTasks, WaitFailure, WaitTimeout } from './waiting/wait-failure.ts'
export { waitForTasks, waitUntilEmpty } from './waiting/wait-for-tasks.ts'
export { waitForAppend, type WaitLimits } from './waiting/wait-until.ts'
export type { LogAhead, WorkspaceNotice } from './workspace-notice.ts'
export { openWorkspace, type Workspace, type WorkspaceOptions } from './workspace.ts'
