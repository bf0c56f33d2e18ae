import { closedRecord, listCodec, Text, wholeNumber } from '@claimlog/codecs'
import { Kind, TaskId } from '@claimlog/client/unstable-internals'
import * as t from 'io-ts'
import { endClaim } from '../end-claim.ts'
import { tool } from '../tool.ts'

const longestRetryS = 86_400

/** Reports that an attempt failed, with its error. */
export const failTask = tool({
  name: 'fail_task',
  description: 'Report a failed attempt; the task is retried while attempts are left.',
  readOnly: false,
  idempotent: true,
  input: closedRecord(
    'arguments',
    { task_id: TaskId, error: Text },
    {
      retry_in_s: wholeNumber('retry', 0, longestRetryS),
      no_retry: t.boolean,
      next: t.boolean,
      kinds: listCodec(Kind, 'a list of kinds'),
    },
  ),
  fields: {},
  run: ({ error, retryInS, noRetry, ...ended }, desk) => {
    const retryInMs = noRetry === true ? null : retryInS === undefined ? undefined : retryInS * 1000
    return endClaim(desk, ended, holder => desk.queue.fail({ ...holder, error, retryInMs }))
  },
})
