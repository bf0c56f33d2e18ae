/**
 * The JSON documents of claimlog: their types, and the functions that build them from domain values. The codecs that
 * the types are derived from are in `documents/`; this entry loads none of them.
 */
export type { AddedTask, AgentResult, AgentClaim, AgentEnd, AgentRenew, ClaimNotice } from './documents/agent-result.ts'
export type { AgentList, AgentTrace, FurtherText, TaskRow } from './documents/agent-view.ts'
export type {
  ClaimResult,
  ClaimedTask,
  ClaimManyOutput,
  InitView,
  ClaimNextOutput,
  ReplayView,
  RulesResult,
  TaskWithClaim,
  TaskResult,
  MigrateView,
  MoveView,
  VerifyView,
  WaitView,
  WriteResult,
} from './documents/command-output.ts'
export type { WaitProgress } from './documents/wait-progress.ts'
export type { DiffView, FieldChange } from './documents/diff.ts'
export type { CheckResult, Diagnosis, LockHolderView } from './documents/doctor.ts'
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
export type { ImportCounts, ImportFormat, ImportView, ImportWarning } from './documents/import.ts'
export type { ListedTask, ListView } from './documents/list.ts'
export type { MetricFamily, MetricsView, MetricSample } from './documents/metrics.ts'
export type { OpenClaimView, OtherHolderView, PrimeView, ReadyKindView } from './documents/prime.ts'
export type { NoNextTask, WaitingTaskView } from './documents/error-output.ts'
export type { QueueFileDocument } from './documents/queue-file.ts'
export type { EventSummary, ReconcileView, RuleView, StepView, DuplicateTokenView } from './documents/reconcile.ts'
export type { RepairView, SideView } from './documents/repair.ts'
export type { RulesView } from './documents/rules.ts'
export type { AgentSetupState, QueueView, SetupFile, SetupView, SetupAgentsView } from './documents/setup.ts'
export type { ExportedTask, ExportView, ShowView } from './documents/show.ts'
export type { KindCounts, StatusOutput, StatusView } from './documents/status.ts'
export type { ClaimView, TaskView } from './documents/task.ts'
export type { LaneView, TraceStepView, TraceView } from './documents/trace.ts'
export type { WorkEvent } from './documents/work-event.ts'
export {
  brokenPipeExitCode,
  type CliErrorCode,
  type ErrorCode,
  type ExitCode,
  exitCodes,
  exitCodeDescriptions,
  interruptedExitCode,
} from './error-codes.ts'
export { errorDescriptions } from './error-descriptions.ts'
export { describeErrorField } from './error-fields.ts'
export { eventDescriptions } from './event-descriptions.ts'
export { waitProgress } from './translate/wait-progress.ts'
export { diffDocument, diffView } from './translate/diff.ts'
export { eventSummary } from './translate/event-summary.ts'
export { guardView } from './translate/guard.ts'
export { listView } from './translate/list.ts'
export { primeView } from './translate/prime.ts'
export { rulesView } from './translate/rules.ts'
export { exportedTask, showView } from './translate/show.ts'
export { statusView } from './translate/status.ts'
export { claimView, taskWithClaim, taskView } from './translate/task.ts'
export { opaqueFields, toDocument } from './translate/to-document.ts'
export { laneView, traceView } from './translate/trace.ts'
export { whyView } from './translate/why.ts'
