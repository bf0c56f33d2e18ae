import type { ServerFacts } from '@claimlog/event-log-postgres'
import { formatDuration } from '@claimlog/messages'
import { clockSkewMsMax } from '@claimlog/workspace'
import { combineIssues, type Finding, type Issue } from '../finding.ts'

/** Checks that the server accepts writes, and how long an answer takes. */
export const checkServer = ({
  version,
  user,
  isStandby,
  accepting,
  roundTripMs,
  connectionsMax,
}: ServerFacts): Finding => {
  const issues: Array<Issue> = []
  if (isStandby)
    issues.push({
      state: 'wrong',
      message: 'this server is a standby, which accepts no writes',
      mend: 'name the primary, or all servers of the cluster, in the URL: postgres://user@one,two/db',
    })
  if (!accepting)
    issues.push({
      state: 'wrong',
      message: 'the log was moved, and accepts no events',
      mend: 'use the log that it was moved to: claimlog status shows it',
    })
  const answer = `PostgreSQL ${version} answers in ${Math.max(1, Math.round(roundTripMs))} ms, as ${user}`
  return combineIssues(`${answer}; it allows ${connectionsMax} connections`, issues)
}

/** Checks that no one on the way can read or change what is sent. */
export const checkTls = ({ tls, isEncrypted }: ServerFacts): Finding => {
  if (tls === 'verified') return { state: 'ok', message: 'encrypted, and the certificate of the server is verified' }
  if (tls === 'unverified')
    return {
      state: 'warning',
      message: 'encrypted, but the certificate of the server is not verified: another server could answer in its place',
      mend: 'use sslmode=verify-full, with sslrootcert=FILE if the authority is your own',
    }
  if (isEncrypted) return { state: 'ok', message: 'encrypted' }
  return { state: 'ok', message: 'not encrypted: the server is on this machine, or the URL asks for that' }
}

/** Checks that this user has the rights of a worker, and no more. */
export const checkRights = ({ user, userIdentifier, canRead, canAppend, canWriteRows }: ServerFacts): Finding => {
  const issues: Array<Issue> = []
  if (!canRead || !canAppend)
    issues.push({
      state: 'wrong',
      message: `${user} may not ${canRead ? 'append to' : 'read'} the log`,
      mend: `the owner of the schema runs: GRANT claimlog_worker TO ${userIdentifier}`,
    })
  if (canWriteRows)
    issues.push({
      state: 'warning',
      message: `${user} may change the table itself, as its owner or as a superuser`,
      mend: 'fine for setting up; give workers a user of their own that only has the role claimlog_worker',
    })
  return combineIssues(`${user} may read the log and append to it, and nothing else`, issues)
}

/** Checks that what was answered survives a crash of the server, and the loss of it. */
export const checkDurability = ({ fsync, fullPageWrites, replicas, synchronousStandbyNames }: ServerFacts): Finding => {
  const issues: Array<Issue> = []
  if (!fsync || !fullPageWrites)
    issues.push({
      state: 'wrong',
      message: `the server runs with ${fsync ? 'full_page_writes' : 'fsync'}=off: a crash of its machine can destroy the log`,
      mend: 'set it to on and reload the server',
    })
  if (replicas > 0 && synchronousStandbyNames === '')
    issues.push({
      state: 'warning',
      message:
        'its replicas are asynchronous: if one of them takes over, the last events that were answered may be lost, and their claims granted again',
      mend: 'set synchronous_standby_names, or stop all workers at a failover until claimlog verify has passed',
    })
  const copies = replicas === 0 ? 'no replica follows it' : 'a replica has it, too'
  return combineIssues(`an answer means that the server has it on disk; ${copies}`, issues)
}

/** Checks how waiting processes hear of new events. */
export const checkNotifications = ({ isPooled }: ServerFacts): Finding =>
  isPooled
    ? {
        state: 'ok',
        message: 'a pooler is between: processes that wait ask for new events, at most every 2 seconds',
      }
    : { state: 'ok', message: 'processes that wait are notified of new events' }

/** Compares this machine's clock with the log's, which counts. */
export const checkServerClock = ({ clockOffsetMs }: ServerFacts): Finding => {
  const offset = Math.abs(clockOffsetMs)
  if (offset <= clockSkewMsMax)
    return { state: 'ok', message: "the server's clock counts; this machine's agrees with it" }
  const direction = clockOffsetMs < 0 ? 'ahead of' : 'behind'
  return {
    state: 'warning',
    message: `the clock of this machine is ${formatDuration(Math.round(offset))} ${direction} the server's, which counts`,
    mend: 'leases and delays are right all the same; set the clock of the machine that is wrong',
  }
}
