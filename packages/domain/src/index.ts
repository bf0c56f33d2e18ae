/** The rules of claimlog: `event → state → evolve → decide → views`, in this order. Pure: no I/O, clock or randomness. */
export { Backoff } from './values/backoff.ts'
export { type Command, decide } from './decide/index.ts'
export { isNow } from './decide/command.ts'
export type { Decided, Decision } from './decide/decision.ts'
export { openNeedsOf } from './decide/claims/guards.ts'
export { isLapseError } from './decide/claims/claimable.ts'
export { differingWhenImported, type ImportedStanding, type ImportedTask } from './decide/tasks/imported-task.ts'
export { recordRepair, repairedSeqs } from './decide/record-repair.ts'
export { NewTask } from './decide/tasks/new-task.ts'
export type { Clearing, Guard } from './decide/claims/guards.ts'
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
} from './time/clock.ts'
export { guardOnWallClock, refusalOnWallClock } from './time/shown-moments.ts'
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
export { emptyState, findTask, type State, type Workspace } from './state/state.ts'
export {
  allTasks,
  blockedTaskIds,
  claimedTaskIds,
  countFinished,
  countOpen,
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
export { type AwaitedView, awaitedView } from './views/awaited.ts'
export { type DiffView, diffView, type FieldChange } from './views/diff.ts'
export { type ClearingView, type GuardView, guardView } from './views/guard-view.ts'
export { type ListedTask, type ListQuery, type ListView, listView } from './views/list.ts'
export { type RulesView, rulesView } from './views/rules-view.ts'
export {
  liveClaims,
  maxOtherHolders,
  maxPrimeClaims,
  maxPrimeKinds,
  type OpenClaim,
  type OtherHolder,
  type PrimeView,
  primeView,
  type ReadyKind,
} from './views/prime.ts'
export { type ShowView, showView } from './views/show.ts'
export { type KindCounts, type StatusView, statusView } from './views/status.ts'
export { type ClaimView, claimView, defined, type TaskView, taskView } from './views/task-view.ts'
export { type Lane, type TraceStep, type TraceView, traceView } from './views/trace.ts'
export { type HeardLane, heardLanesOf } from './views/trace-lanes.ts'
export { type Phase, type Turn, turnsOf } from './views/trace-turns.ts'
export {
  type KindOpen,
  openCounts,
  type Standing,
  standingAt,
  standings,
  type TaskPage,
  taskPage,
} from './queries/task-page.ts'
export {
  isKnownKind,
  kindRules,
  kindsOfOpenTasks,
  ruledKinds,
  type UnknownKind,
  unknownKinds,
} from './queries/kinds.ts'
export { type WorkLeft, workLeft } from './queries/work-left.ts'
export { maxAhead, type WhyView, whyView } from './views/why.ts'
