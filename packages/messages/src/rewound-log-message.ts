import type { LogWentBack } from '@claimlog/queue-file'

type RewoundLog = Pick<LogWentBack, 'seq' | 'seenSeq' | 'isOther'>

/**
 * Explains what happened to a log that has fewer events than its `queue.json`. `log`: its path, formatted for display.
 */
export const rewoundLogMessage = ({ seq, seenSeq, isOther }: RewoundLog, log: string): string => {
  if (isOther) return `${log} belongs to a different workspace than queue.json: it was replaced`
  if (seenSeq <= seq)
    return `${log} no longer contains the history that queue.json was written from at seq ${seenSeq}: an older copy was restored and has new events`
  return (
    `${log} ends at seq ${seq}, and queue.json was written from it at seq ${seenSeq}: the log was restored to an earlier state\n` +
    `  (a backup, git stash, reset or checkout). Later events are missing, and tokens ${seq + 1} to ${seenSeq} will be granted again:\n` +
    '  check every system that uses them as fencing tokens'
  )
}

/** The hint for such a log. */
export const rewoundLogHint = ({ isOther }: Pick<LogWentBack, 'isOther'>): string =>
  isOther
    ? 'restore the right log, or continue with this one'
    : 'if you have the newer log, claimlog reconcile FILE shows what only that log has, and --yes brings it over; otherwise continue from here'
