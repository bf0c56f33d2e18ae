import type { LogWentBack } from '@claimlog/queue-file'

type Seen = Pick<LogWentBack, 'seq' | 'seenSeq' | 'isOther'>

/** What happened to a log that `queue.json` has seen more of, and what that means. `log`: its path, as it is to be shown. */
export const logWentBackWords = ({ seq, seenSeq, isOther }: Seen, log: string): string => {
  if (isOther) return `${log} is the log of another workspace than queue.json was written from: it was replaced`
  if (seenSeq <= seq)
    return `${log} no longer holds the history that queue.json was written from at seq ${seenSeq}: an older copy was put back and went on`
  return (
    `${log} ends at seq ${seq}, and queue.json was written from it at seq ${seenSeq}: the log was put back to an earlier state\n` +
    `  (a backup, git stash, reset or checkout). What was answered since is not in it, and tokens ${seq + 1} to ${seenSeq} are given again:\n` +
    '  whatever is fenced by tokens must know'
  )
}

/** What to do next about such a log. */
export const wentBackHint = ({ isOther }: Pick<LogWentBack, 'isOther'>): string =>
  isOther
    ? 'Put the right log back, or go on with this one.'
    : 'If you have the newer log, claimlog reconcile FILE shows what only that one has, and --yes brings it over; else go on from here.'
