import type { TransactFailure } from '@claimlog/event-log'

/** True if a failure is permanent: a worker that continued would do work whose result it cannot report. */
export const isFatal = (cause: TransactFailure): boolean => {
  switch (cause.failure) {
    case 'LockTimeout':
    case 'IoFailed':
    case 'TooLarge':
    case 'Unreachable':
      return false
    case 'OutcomeUnknown':
      return cause.isUsable !== true
    case 'LogDamaged':
    case 'Closed':
    case 'HistoryChanged':
    case 'UnknownFormat':
    case 'NoLog':
    case 'Moved':
      return true
  }
}
