/**
 * The JSON documents of claimlog: their types, and the functions that build them from domain values. The codecs that
 * the types are derived from are in `documents/`; this entry loads none of them.
 */
export type { AddedTask, AgentAnswer, AgentClaim, AgentEnd, AgentRenew, Notice } from './documents/agent-answer.ts'
export type { AgentList, AgentTrace, FurtherText, TaskRow } from './documents/agent-view.ts'
export type {
  ClaimedAnswer,
  ClaimedTask,
  ClaimedTasks,
  InitView,
  PrintedNext,
  ReplayView,
  RulesAnswer,
  TaskAnswer,
  TaskAnswered,
  VerifyView,
  WaitView,
  Written,
} from './documents/answer.ts'
export type { AwaitedView } from './documents/awaited.ts'
export type { DiffView, FieldChange } from './documents/diff.ts'
export type { Check, Diagnosis, LockHolder } from './documents/doctor.ts'
export type { ClearingView, ExplainedGuard, ExplainedWhy, GuardView, WhyView } from './documents/guard.ts'
export type {
  ArgumentView,
  CommandView,
  CompletionView,
  EnvironmentView,
  EventField,
  ExitCodesView,
  FlagView,
  LogFormatView,
  ReferenceView,
  VersionView,
} from './documents/help.ts'
export type { ImportCounts, ImportFormat, ImportView, LeftOut } from './documents/import.ts'
export type { ListedTask, ListView } from './documents/list.ts'
export type { Family, MetricsView, Sample } from './documents/metrics.ts'
export type { OpenClaim, OtherHolder, PrimeView, ReadyKind } from './documents/prime.ts'
export type { NoNextTask, WaitingTask } from './documents/problem.ts'
export type { QueueFile } from './documents/queue-file.ts'
export type { EventSummary, ReconcileView, RuleView, StepView, TwiceGivenView } from './documents/reconcile.ts'
export type { RepairView, SideView } from './documents/repair.ts'
export type { RulesView } from './documents/rules.ts'
export type { AgentStanding, QueueView, SetUpFile, SetupView, SurveyView } from './documents/setup.ts'
export type { ExportedTask, ExportView, ShowView } from './documents/show.ts'
export type { KindCounts, PrintedStatus, StatusView } from './documents/status.ts'
export type { ClaimView, TaskView } from './documents/task.ts'
export type { Lane, TraceStep, TraceView } from './documents/trace.ts'
export type { WorkEvent } from './documents/work-event.ts'
export {
  brokenPipe,
  type CliErrorWord,
  type ErrorWord,
  type ExitCode,
  exitCodes,
  exitMeanings,
  interrupted,
} from './error-codes.ts'
export { eventMeanings } from './event-meanings.ts'
export { awaitedView } from './translate/awaited.ts'
export { diffView } from './translate/diff.ts'
export { eventSummary } from './translate/event-summary.ts'
export { guardView } from './translate/guard.ts'
export { listView } from './translate/list.ts'
export { primeView } from './translate/prime.ts'
export { rulesView } from './translate/rules.ts'
export { exportedTask, showView } from './translate/show.ts'
export { statusView } from './translate/status.ts'
export { claimView, taskAnswer, taskView } from './translate/task.ts'
export { laneView, traceView } from './translate/trace.ts'
export { whyView } from './translate/why.ts'
