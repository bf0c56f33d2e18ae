/** The names that both faces of the library share. */
export type {
  AwaitedView,
  Backoff,
  Claim,
  ClaimView,
  Clearing,
  ClearingView,
  DiffView,
  Event,
  FieldChange,
  Guard,
  GuardView,
  Hold,
  Holder as LeaseHolder,
  Json,
  Kind,
  KindCounts,
  KindWaiting,
  MoreWaiting,
  Label,
  Lane,
  ListedTask,
  ListQuery,
  ListView,
  Moment,
  NewTask,
  NoReadyTask,
  OrderMoment,
  Phase,
  Refusal,
  RefusalWord,
  RulesView,
  Settlement,
  ShowView,
  SpeakerNamed,
  Status,
  StatusView,
  Task,
  TaskId,
  TaskSpec,
  TaskView,
  Time,
  TraceStep,
  TraceView,
  UnknownKind,
  WaitingTask,
  WaitingWork,
  WhyView,
  WorkerName,
} from '@claimlog/domain'
export type {
  AppendFailure,
  Closed,
  IoFailed,
  LockHolder,
  LockTimeout,
  DamageCause,
  HistoryChanged,
  LogDamaged,
  LogFailure,
  NetworkFileSystem,
  NoLog,
  OutcomeUnknown,
  ReadFailure,
  SeqConflict,
  TooLarge,
  TransactFailure,
  UnknownFormat,
} from '@claimlog/event-log'
export type { ClosedPath } from '../discovery/closed-path.ts'
export type {
  AccessDenied,
  NotAWorkspace,
  NoWorkingDirectory,
  NoWorkspace,
  SearchFailure,
} from '../discovery/search-failure.ts'
export type { MainCheckout } from '../git/main-checkout.ts'
export type { TrackedLog } from '../git/tracked-log.ts'
export type { Moment as PointInTime } from '../moment.ts'
export type { LogWentBack, QueueFileNotice } from '../queue-file-refresh.ts'
export type { LogAhead, LogTracked, WorkspaceNotice } from '../workspace-notice.ts'
export type { Aborted, Still, StillOpen, WaitFailure, WaitTimeout } from '../waiting/wait-failure.ts'
export type { Failure } from '../words/failure-words.ts'
export type { ErrorWord } from '../words/words.ts'
export type { Ended, Ending } from '../worker/take-tasks.ts'
export type { WorkerOptions, WorkerSummary } from '../worker/run-worker.ts'
export type { HeldTask, TaskOutcome, WorkerTrouble, WorkHandler, WorkOutcome } from '../worker/work-handler.ts'
export type { WorkerFailed } from '../worker/worker-failed.ts'
export type { WorkerEvent } from '../worker/worker-event.ts'
export type { QueueFailure } from './claimlog-error.ts'
export type { InitOptions, OpenOptions } from './open-queue.ts'
export type {
  Amendment,
  Answered,
  Answering,
  CallOptions,
  ClaimedAnswer,
  ClaimOptions,
  Holder,
  LookOptions,
  QueueMethods,
  RulesAnswer,
  SettledAnswer,
  TaskAnswered,
  WantsNext,
  Wait,
} from './queue-methods.ts'
export type { FollowOptions, QueueWorkerOptions } from './task-either-queue.ts'
export type { Durability, LogOptions } from '../workspace-in-directory.ts'
