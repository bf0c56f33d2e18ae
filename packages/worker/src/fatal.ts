import type { TransactFailure } from '@claimlog/event-log'

/** Whether a failure stays, whatever is tried: a worker that goes on would only do work that it cannot settle. */
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
