/** The types that both entries of the library export, each group with the reason. */

// The arguments of functions and methods.
export type { InitOptions, OpenOptions } from './arguments/open-options.ts'
export type { LogOptions } from './log/opened-log.ts'
export type {
  AddOptions,
  Amendment,
  CallOptions,
  ClaimManyOptions,
  ClaimNextOption,
  ClaimOptions,
  ClaimSelector,
  CompleteOptions,
  FailOptions,
  FollowOptions,
  QueryOptions,
  QueueWorkerOptions,
  ReasonOptions,
  ReleaseOptions,
  RenewOptions,
  SignalOption,
  Wait,
  WaitOptions,
} from './queue-methods.ts'
export type { WorkerOptions } from '@claimlog/worker'
export type { Backoff, ListQuery } from '@claimlog/domain'
export type { PointInTime } from '@claimlog/workspace'
export type { Durability } from '@claimlog/event-log-file'

// The results of methods, and what a handler gets and returns.
export type {
  AddManyResult,
  ClaimedTask,
  ClaimManyResult,
  ClaimResult,
  EndClaimResult,
  HandlerContext,
  ListedTask,
  NewTask,
  Task,
  TaskDetails,
  TaskList,
  TaskResult,
  WaitProgress,
  WorkOutcome,
} from './typed-tasks.ts'
export type {
  ClaimView as Claim,
  ClearingView as Clearing,
  DiffView as Diff,
  FieldChange,
  GuardView as Guard,
  KindCounts,
  LaneView as TraceLane,
  RulesResult,
  RulesView as KindRules,
  StatusView as QueueStatus,
  TraceStepView as TraceStep,
  TraceView as Trace,
  WhyView as ClaimReport,
} from '@claimlog/wire'
export type {
  TaskOutcome,
  WorkerCounts,
  WorkerEnd,
  WorkerEndReason,
  WorkerEvent,
  WorkerSummary,
} from '@claimlog/worker'
export type { Event, Phase, Status } from '@claimlog/domain'

// Strings with a rule, in all these types.
export type { Kind, Label, TaskId, Time, WorkerName } from '@claimlog/domain'

// The parameters of the types above.
export type { Json } from '@claimlog/codecs'
export type { JsonCompatible, JsonLike } from './typed-tasks.ts'
export type { MethodResult, QueueMethods, ResultStyle } from './queue-methods.ts'

// Why a call did not succeed: `ClaimlogError.cause`, and the left side of a task-either.
export type { ErrorCode } from '@claimlog/wire'
export type { Failure, QueueFailure, WorkerFailed, WrongUsage } from '@claimlog/messages'
export type { WorkerFailure } from '@claimlog/worker'
export type {
  BadInputDetail,
  Claim as ClaimRecord,
  ClaimCredentials,
  Clearing as ClearingRecord,
  EventRef,
  Guard as GuardRecord,
  Hold,
  InputProblem,
  LeaseHolder,
  NoReadyTask,
  OmittedCounts,
  OperatorAction,
  Refusal,
  RefusalCode,
  UnknownKind,
  WaitingCounts,
  WaitingTask,
  WaitingWork,
} from '@claimlog/domain'
export type {
  AppendFailure,
  Closed,
  DamageCause,
  HasSystemError,
  HistoryChanged,
  IoFailed,
  LockHolder,
  LockTimeout,
  LogDamaged,
  LogFailure,
  Moved,
  NetworkFileSystem,
  NoLog,
  OutcomeUnknown,
  ReadFailure,
  SeqConflict,
  TooLarge,
  TransactFailure,
  UnknownFormat,
  Unreachable,
} from '@claimlog/event-log'
export type {
  AccessDenied,
  ClosedPath,
  ConfigUnusable,
  LogOnServer,
  LogUrlUnusable,
  MainCheckout,
  NotAWorkspace,
  NoWorkingDirectory,
  NoWorkspace,
  SearchFailure,
  TwoLogs,
} from '@claimlog/discovery'
export type { Aborted, UnfinishedTasks, WaitBlocker, WaitFailure, WaitTimeout } from '@claimlog/workspace'

// The notices of `onNotice`.
export type { LogTracked, TrackedLog } from '@claimlog/discovery'
export type { LogAhead, WorkspaceNotice } from '@claimlog/workspace'
export type { LogWentBack, QueueFileNotice, Rewind } from '@claimlog/queue-file'
