/** The names that both faces of the library share. */
export type {
  AwaitedView,
  ClaimView,
  Event,
  Guard,
  Json,
  ListQuery,
  ListView,
  NewTask,
  NoReadyTask,
  Refusal,
  RulesView,
  ShowView,
  StatusView,
  Task,
  TaskView,
  TraceView,
  WhyView,
} from '@claimlog/domain'
export type { LogFailure } from '@claimlog/event-log'
export type { QueueFileNotice } from '../queue-file-refresh.ts'
export type { Aborted, WaitFailure, WaitTimeout } from '../waiting/wait-failure.ts'
export type { Failure } from '../words/failure-words.ts'
export type { ErrorWord } from '../words/words.ts'
export type { Ended, Ending } from '../worker/take-tasks.ts'
export type { WorkerOptions, WorkerSummary } from '../worker/run-worker.ts'
export type { HeldTask, WorkHandler, WorkOutcome } from '../worker/work-handler.ts'
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
  QueueMethods,
  RulesAnswer,
  SettledAnswer,
  TaskAnswered,
  WantsNext,
  Wait,
} from './queue-methods.ts'
export type { FollowOptions, QueueWorkerOptions } from './task-either-queue.ts'
