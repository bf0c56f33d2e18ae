/**
 * The port of an event log, its failures, and a log in memory. The suite that every log must pass is `./conformance`.
 */
export { runAndClose } from './run-and-close.ts'
export {
  type LogOffset,
  type HasEvents,
  applyNew,
  assertConsecutiveSeqs,
  type LogCursor,
  closed,
  defaultLockTimeoutMs,
  type EventLog,
  type Fold,
  type LifeCycle,
  lifeCycle,
  type LogWatch,
  type Numbered,
  type OnEvents,
  type OnLines,
} from './event-log.ts'
export type {
  AppendFailure,
  Closed,
  IoFailed,
  LockHolder,
  LockTimeout,
  DamageCause,
  HasSystemError,
  HistoryChanged,
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
} from './log-failure.ts'
export { withSystemError } from './log-failure.ts'
export { memoryLog, memoryStorage } from './memory-log.ts'
export type { LastLine, MoveTarget, MoveTargetFailure, MoveTargetState } from './move-target.ts'
