import type { LockHolder, LockTimeout } from '@claimlog/event-log'
import type { ErrorMessage } from './error-message.ts'

/** Describes which processes had the lock, and what to do about it. */
export const lockTimeoutMessage = (failure: LockTimeout): ErrorMessage => {
  const { path, waitedMs, holderPid, holders, changedHands } = failure
  const holderNames = holders.map(formatHolder).join(', ')
  return {
    error: 'lock_timeout',
    message: changedHands ? contentionMessage(failure, holderNames) : holderMessage(failure, holderNames),
    hint: changedHands
      ? 'try again with a longer --lock-timeout, or start fewer processes at once; nothing was changed'
      : 'try again with a longer --lock-timeout, or check what that process is doing; nothing was changed',
    data: {
      path,
      waitedMs,
      holderPid,
      holders: holders.map(({ pid, command, readsOnly }) => ({ pid, command, readsOnly })),
      changedHands,
    },
  }
}

const holderMessage = ({ path, waitedMs, holderPid }: LockTimeout, holderNames: string): string => {
  const holder =
    holderNames === '' ? (holderPid === undefined ? 'another process' : `process ${holderPid}`) : holderNames
  return `${holder} held the lock on ${path} for the whole wait of ${waitedMs} ms`
}

const contentionMessage = ({ path, waitedMs }: LockTimeout, holderNames: string): string =>
  `many processes compete for the lock on ${path}; none held it for long, but this one did not get it in ` +
  `${waitedMs} ms${holderNames === '' ? '' : `; seen holding it: ${holderNames}`}`

/** Formats a lock holder: its pid, its program, and a remark if it can only read. */
const formatHolder = ({ pid, command, readsOnly }: LockHolder): string => {
  const details = [command, readsOnly === true ? 'which has the file open read-only' : undefined]
  const detailText = details.filter(word => word !== undefined).join(', ')
  return `process ${pid}${detailText === '' ? '' : ` (${detailText})`}`
}
