/** The codecs of the documents. What makes schemas of them reads these, and tests; nothing else does. */
export { AgentAdd, AgentClaim, AgentEnd, AgentProblem, AgentRenew } from './agent-answer.ts'
export { AgentList, AgentReadOn, AgentTrace } from './agent-view.ts'
export {
  AddedTasks,
  ClaimedTasks,
  InitView,
  PrintedAdd,
  PrintedClaim,
  PrintedNext,
  PrintedRules,
  PrintedTask,
  ReplayView,
  VerifyView,
  WaitView,
} from './answer.ts'
export { DiffView } from './diff.ts'
export { Diagnosis } from './doctor.ts'
export { ExplainedWhy, GuardView } from './guard.ts'
export {
  CommandView,
  CompletionView,
  EnvironmentView,
  ExitCodesView,
  LogFormatView,
  ReferenceView,
  VersionView,
} from './help.ts'
export { ImportView } from './import.ts'
export { ListView } from './list.ts'
export { MetricsView } from './metrics.ts'
export { type Named, named, object, openObject, type Optional, optional } from './object.ts'
export { PrimeView } from './prime.ts'
export { Problem } from './problem.ts'
export { QueueFile } from './queue-file.ts'
export { ReconcileView } from './reconcile.ts'
export { RepairView } from './repair.ts'
export { RulesView } from './rules.ts'
export { SetupView, SurveyView } from './setup.ts'
export { ExportView, ShowView } from './show.ts'
export { PrintedStatus } from './status.ts'
export { Amount, claimFields, ClaimView, Milliseconds, StatusWord, taskFields, TaskView } from './task.ts'
export { stepFields, TraceView } from './trace.ts'
export { WorkEvent } from './work-event.ts'
