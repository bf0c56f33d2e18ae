/**
 * The rules of claimlog, in the order `event → state → evolve → decide → queries`. Pure: no I/O, clock or randomness.
 */
export { Backoff } from './values/backoff.ts'
export { type Command, decide } from './decide/index.ts'
export { isValidNowMs } from './decide/command.ts'
export type { DecisionResult, Decision } from './decide/decision.ts'
export { type Clearing, type Guard, listOpenNeeds } from './decide/claims/guards.ts'
export { isExpiryError } from './decide/claims/claimable.ts'
export { findImportDifferences, type ImportedState, type ImportedTask } from './decide/tasks/imported-task.ts'
export { recordRepair, getRepairedSeqs } from './decide/record-repair.ts'
export { NewTask } from './decide/tasks/new-task.ts'
export {
  decodeEvent,
  encodeEvent,
  type Event,
  eventCodecs,
  isAboutTask,
  isTaskEvent,
  format as logFormat,
  lineCodec,
  type DecodeFailure,
  type TaskEvent,
  eventTaskId,
} from './events/index.ts'
export { evolve, fold, previewFold } from './evolve/evolve.ts'
export {
  type ClockReading,
  toElapsedTime,
  laterTime,
  type LogClock,
  timeToMs,
  toWallTime,
  getReading,
  withReading,
  advanceTimeline,
  timeFromMs,
  initialClock,
  toWallTimeMs,
} from './time/clock.ts'
export { invariantViolation } from './evolve/invariants.ts'
export { removeNameFlaws } from './values/name-flaw.ts'
export { truncateText, toPrintable, toPrintableData, toPrintableJson, toPrintableLines } from './values/printable.ts'
export { type BadInputDetail, explainBadInput, type InputProblem } from './decide/bad-input.ts'
export type {
  LeaseHolder,
  WaitingCounts,
  OmittedCounts,
  NoReadyTask,
  Refusal,
  RefusalCode,
  ClaimCredentials,
  WaitingTask,
  WaitingWork,
} from './decide/refusal.ts'
export {
  Attempt,
  Count,
  DurationMs,
  Kind,
  Label,
  NewLabel,
  NewTaskId,
  NewWorkerName,
  Priority,
  Seq,
  TaskId,
  Time,
  WorkerName,
} from './values/scalars.ts'
export {
  countFinished,
  countOpen,
  emptyState,
  findDeparture,
  findTask,
  type Move,
  type State,
  toAcceptingState,
  type WorkspaceSettings,
} from './state/state.ts'
export {
  allTasks,
  blockedTaskIds,
  claimedTaskIds,
  dependentIds,
  findRequest,
  finishedTaskIds,
  openTaskIds,
  readyTaskIds,
  taskIdsByPrefix,
  tasksByAge,
} from './queries/tasks.ts'
export { claimHolders } from './queries/workers.ts'
export type { KindRules, RequestEvents } from './state/table.ts'
export { taskFields } from './values/task-fields.ts'
export {
  type Claim,
  type Hold,
  isFinished,
  isLive,
  type EventRef,
  type OperatorAction,
  taskPriority,
  pickSpec,
  type ClaimEnd,
  type Status,
  type Task,
  type TaskSpec,
} from './state/task.ts'
export { type AwaitedTasks, queryAwaitedTasks } from './queries/awaited-tasks.ts'
export { pairStates } from './queries/diff.ts'
export {
  findSimilarName,
  isKnownKind,
  kindRules,
  kindsOfOpenTasks,
  ruledKinds,
  type UnknownKind,
  unknownKinds,
} from './queries/kinds.ts'
export { type ListQuery, listTasks, type TaskWithDeadNeeds } from './queries/list.ts'
export {
  liveClaims,
  type OpenClaim,
  type OtherHolder,
  type PrimeQuery,
  primeWorker,
  type ReadyKind,
} from './queries/prime.ts'
export { describeTask, type TaskDetails, showTask } from './queries/show.ts'
export { countTasks } from './queries/status.ts'
export {
  type OpenKindCounts,
  countOpenByKind,
  type DisplayStatus,
  displayStatus,
  displayStatuses,
  type TaskPage,
  taskPage,
} from './queries/task-page.ts'
export { type Lane, type TraceStep, traceTask } from './queries/trace.ts'
export { type LaneWithEntries, lanesWithEntries } from './queries/trace-lanes.ts'
export { type Phase, type HistoryEntry, historyEntries } from './queries/trace-history.ts'
export { explainTask, aheadMax } from './queries/why.ts'
export { type WorkLeft, workLeft } from './queries/work-left.ts'
