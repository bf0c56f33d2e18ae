import type { TransactFailure } from '@claimlog/event-log'

/** True if a failure is permanent: a worker that continued would do work whose result it cannot report. */
export const isFatal = ({ failure }: TransactFailure): boolean => {
  switch (failure) {
    case 'LockTimeout':
    case 'IoFailed':
    case 'TooLarge':
      return false
    case 'OutcomeUnknown':
    case 'LogDamaged':
    case 'Closed':
    case 'HistoryChanged':
    case 'UnknownFormat':
    case 'NoLog':
      return true
  }
}
