/**
 * The rules of claimlog, in the order `event → state → evolve → decide → queries`. Pure: no I/O, clock or randomness.
 */
export { Backoff } from './values/backoff.ts'
export { type Command, decide } from './decide/index.ts'
export { isNow } from './decide/command.ts'
export type { Decided, Decision } from './decide/decision.ts'
export { type Clearing, type Guard, openNeedsOf } from './decide/claims/guards.ts'
export { isLapseError } from './decide/claims/claimable.ts'
export { differingWhenImported, type ImportedStanding, type ImportedTask } from './decide/tasks/imported-task.ts'
export { recordRepair, repairedSeqs } from './decide/record-repair.ts'
export { NewTask } from './decide/tasks/new-task.ts'
export {
  decodeEvent,
  encodeEvent,
  type Event,
  eventCodecs,
  isAbout,
  isTaskEvent,
  format as logFormat,
  lineCodec,
  type NotAnEvent,
  type TaskEvent,
  taskIdOf,
} from './events/index.ts'
export { evolve, fold, foldOver } from './evolve/evolve.ts'
export {
  type ClockReading,
  elapsedAt,
  later,
  type LogClock,
  msOf,
  onWallClock,
  readingOf,
  seenAt,
  timelineAfter,
  timeOf,
  unsetClock,
  wallClockMs,
} from './time/clock.ts'
export { inconsistency } from './evolve/invariants.ts'
export { withoutNameFlaws } from './values/name-flaw.ts'
export { beginningOf, printable, printableData, printableJson, printableLines } from './values/printable.ts'
export type {
  Holder,
  KindWaiting,
  MoreWaiting,
  NoReadyTask,
  Refusal,
  RefusalWord,
  SpeakerNamed,
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
export { countFinished, countOpen, emptyState, findTask, type State, type Workspace } from './state/state.ts'
export {
  allTasks,
  blockedTaskIds,
  claimedTaskIds,
  dependentIds,
  findRequest,
  finishedTaskIds,
  openTaskIds,
  readyTaskIds,
  taskIdsWith,
  tasksByAge,
} from './queries/tasks.ts'
export { claimHolders } from './queries/workers.ts'
export type { KindRules, Request } from './state/table.ts'
export { taskFields } from './values/task-fields.ts'
export {
  type Claim,
  type Hold,
  isFinished,
  isLive,
  type Moment,
  type OrderMoment,
  priorityOf,
  specOf,
  type Settlement,
  type Status,
  type Task,
  type TaskSpec,
} from './state/task.ts'
export { type AwaitedTasks, lookAtAwaited } from './queries/awaited.ts'
export { pairStates } from './queries/diff.ts'
export {
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
export { describeTask, type KnownTask, showTask } from './queries/show.ts'
export { countTasks } from './queries/status.ts'
export {
  type KindOpen,
  openCounts,
  type Standing,
  standingAt,
  standings,
  type TaskPage,
  taskPage,
} from './queries/task-page.ts'
export { type Lane, type TraceStep, traceTask } from './queries/trace.ts'
export { type HeardLane, heardLanesOf } from './queries/trace-lanes.ts'
export { type Phase, type Turn, turnsOf } from './queries/trace-turns.ts'
export { explainTask, maxAhead } from './queries/why.ts'
export { type WorkLeft, workLeft } from './queries/work-left.ts'
