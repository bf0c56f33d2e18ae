import type { Failed } from '../event/index.ts'
import type { UsedUp } from './claimable.ts'

/**
 * The events, from `seq` on, that record tasks as failed whose last lease ended with no attempts left. They are part of
 * another decision, of which they carry the request and the time; nobody gave an order for them.
 */
export const lapsesOf = (
  usedUp: ReadonlyArray<UsedUp>,
  seq: number,
  stamp: Pick<Failed, 'requestId' | 'time'>,
): ReadonlyArray<Failed> =>
  usedUp.map(({ task, claim }, i) => ({
    seq: seq + i,
    event: 'failed',
    worker: claim.worker,
    taskId: task.id,
    token: claim.token,
    error: `the lease ended at ${claim.leaseUntil ?? stamp.time} and no attempts are left`,
    retryAt: null,
    ...stamp,
  }))
