import type { LockHolder, LockTimeout } from '@claimlog/event-log'
import type { Words } from './words.ts'

/** Describes which processes had the lock, and what to do about it. */
export const lockTimeoutWords = (failure: LockTimeout): Words => {
  const { path, waitedMs, holderPid, holders, changedHands } = failure
  const seen = holders.map(nameOf).join(', ')
  return {
    error: 'lock_timeout',
    message: changedHands ? crowdMessage(failure, seen) : holderMessage(failure, seen),
    hint: changedHands
      ? 'try again with a longer --lock-timeout, or start fewer processes at once; nothing was changed'
      : 'try again with a longer --lock-timeout, or check what that process is doing; nothing was changed',
    data: {
      path,
      waited_ms: waitedMs,
      holder_pid: holderPid,
      holders: holders.map(({ pid, command, readsOnly }) => ({ pid, command, reads_only: readsOnly })),
      changed_hands: changedHands,
    },
  }
}

const holderMessage = ({ path, waitedMs, holderPid }: LockTimeout, seen: string): string => {
  const holder = seen === '' ? (holderPid === undefined ? 'another process' : `process ${holderPid}`) : seen
  return `${holder} held the lock on ${path} for the whole wait of ${waitedMs} ms`
}

const crowdMessage = ({ path, waitedMs }: LockTimeout, seen: string): string =>
  `many processes compete for the lock on ${path}; none held it for long, but this one did not get it in ` +
  `${waitedMs} ms${seen === '' ? '' : `; seen holding it: ${seen}`}`

/** Formats a lock holder: its pid, its program, and a remark if it can only read. */
const nameOf = ({ pid, command, readsOnly }: LockHolder): string => {
  const about = [command, readsOnly === true ? 'which has the file open read-only' : undefined]
  const known = about.filter(word => word !== undefined).join(', ')
  return `process ${pid}${known === '' ? '' : ` (${known})`}`
}
