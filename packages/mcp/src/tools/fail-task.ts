import { closedRecord, listOf, Text, wholeNumber } from '@claimlog/codecs'
import { Kind, TaskId } from '@claimlog/client/unstable-internals'
import * as t from 'io-ts'
import { endClaim } from '../end-claim.ts'
import { tool } from '../tool.ts'

const longestRetryS = 86_400

/** Says that an attempt failed, and why. */
export const failTask = tool({
  name: 'fail_task',
  description: 'Your attempt failed; the task is tried again while attempts are left.',
  readOnly: false,
  idempotent: true,
  input: closedRecord(
    'arguments',
    { task_id: TaskId, error: Text },
    {
      retry_in_s: wholeNumber('retry', 0, longestRetryS),
      no_retry: t.boolean,
      next: t.boolean,
      kinds: listOf(Kind, 'a list of kinds'),
    },
  ),
  fields: {},
  run: ({ error, retryInS, noRetry, ...ended }, desk) => {
    const retryInMs = noRetry === true ? null : retryInS === undefined ? undefined : retryInS * 1000
    return endClaim(desk, ended, holder => desk.queue.fail({ ...holder, error, retryInMs }))
  },
})
