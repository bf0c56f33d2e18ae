/** What a log promises: the port, its failures, and a log in memory. The suite every log must pass is `./conformance`. */
export {
  type Address,
  type Appending,
  assertNumberedFrom,
  type Bookmark,
  type EventLog,
  type Follower,
  type LogWatch,
  type Numbered,
  type Take,
} from './event-log.ts'
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
} from './log-failure.ts'
export { closed, type LifeCycle, lifeCycle } from './life-cycle.ts'
export { memoryLog, memoryStorage } from './memory-log.ts'
