/** The names that both faces of the library share. */
export type { Json } from '@claimlog/codecs'
export type {
  Backoff,
  Claim,
  Clearing,
  Event,
  Guard,
  Hold,
  Holder as LeaseHolder,
  Kind,
  KindWaiting,
  MoreWaiting,
  Label,
  ListQuery,
  Moment,
  NewTask,
  NoReadyTask,
  OrderMoment,
  Phase,
  Refusal,
  RefusalWord,
  Settlement,
  SpeakerNamed,
  Status,
  Task,
  TaskId,
  TaskSpec,
  Time,
  UnknownKind,
  WaitingTask,
  WaitingWork,
  WorkerName,
} from '@claimlog/domain'
export type {
  AwaitedView,
  ClaimView,
  ClearingView,
  DiffView,
  FieldChange,
  GuardView,
  KindCounts,
  Lane,
  ListedTask,
  ListView,
  RulesView,
  ShowView,
  StatusView,
  TaskView,
  TraceStep,
  TraceView,
  WhyView,
} from '@claimlog/wire'
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
export type { ClosedPath } from '@claimlog/discovery'
export type { AccessDenied, NotAWorkspace, NoWorkingDirectory, NoWorkspace, SearchFailure } from '@claimlog/discovery'
export type { MainCheckout } from '@claimlog/discovery'
export type { TrackedLog } from '@claimlog/discovery'
export type { Moment as PointInTime } from '@claimlog/workspace'
export type { LogWentBack, QueueFileNotice } from '@claimlog/queue-file'
export type { LogTracked } from '@claimlog/discovery'
export type { LogAhead, WorkspaceNotice } from '@claimlog/workspace'
export type { Aborted, Still, StillOpen, WaitFailure, WaitTimeout } from '@claimlog/workspace'
export type { Failure } from '@claimlog/messages'
export type { ErrorWord } from '@claimlog/messages'
export type { Ended, Ending } from '@claimlog/worker'
export type { WorkerOptions, WorkerSummary } from '@claimlog/worker'
export type { HeldTask, TaskOutcome, WorkerTrouble, WorkHandler, WorkOutcome } from '@claimlog/worker'
export type { WorkerFailed } from '@claimlog/messages'
export type { WorkerEvent } from '@claimlog/worker'
export type { QueueFailure } from '@claimlog/messages'
export type { InitOptions, OpenOptions } from './open-queue.ts'
export type {
  AddOptions,
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
export type { Durability, LogOptions } from '@claimlog/workspace'
