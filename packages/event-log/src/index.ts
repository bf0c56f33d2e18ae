/**
 * The port of an event log, its failures, and a log in memory. The suite that every log must pass is `./conformance`.
 */
export { closeAfter } from './close-after.ts'
export {
  type Address,
  type Appending,
  assertNumberedFrom,
  type Bookmark,
  closed,
  type EventLog,
  type Follower,
  type LifeCycle,
  lifeCycle,
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
export { memoryLog, memoryStorage } from './memory-log.ts'
