import type { LockHolder, LockTimeout } from '@claimlog/event-log'
import type { Words } from './words.ts'

/** Who kept a lock from being had, and what to do about it. */
export const lockTimeoutWords = (failure: LockTimeout): Words => {
  const { path, waitedMs, holderPid, holders, changedHands } = failure
  const seen = holders.map(nameOf).join(', ')
  return {
    error: 'lock_timeout',
    message: changedHands ? crowdMessage(failure, seen) : holderMessage(failure, seen),
    hint: changedHands
      ? 'ask again, with a longer --lock-timeout, or have fewer processes start at once; nothing was changed'
      : 'ask again, with a longer --lock-timeout, or see what that process is doing; nothing was changed',
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
  return `${holder} has held the lock on ${path} for the ${waitedMs} ms that were waited`
}

const crowdMessage = ({ path, waitedMs }: LockTimeout, seen: string): string =>
  `many processes took turns with the lock on ${path}, and none of them held it for long, but in ${waitedMs} ms this one ` +
  `had no turn${seen === '' ? '' : `; seen with it: ${seen}`}`

/** A holder as it is spoken of: by its pid, its program, and whether it can only read. */
const nameOf = ({ pid, command, readsOnly }: LockHolder): string => {
  const about = [command, readsOnly === true ? 'which has the file open for reading only' : undefined]
  const known = about.filter(word => word !== undefined).join(', ')
  return `process ${pid}${known === '' ? '' : ` (${known})`}`
}
