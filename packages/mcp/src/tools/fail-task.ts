import { closedRecord, listCodec, Text, wholeNumber } from '@claimlog/codecs'
import { Kind, TaskId } from '@claimlog/client/unstable-internals'
import * as t from 'io-ts'
import { endClaim } from '../end-claim.ts'
import { defineTool } from '../tool.ts'

const retrySecondsMax = 86_400

/** Reports that an attempt failed, with its error. */
export const failTask = defineTool({
  name: 'fail_task',
  description: 'Report a failed attempt; the task is retried while attempts are left.',
  readOnly: false,
  idempotent: true,
  input: closedRecord(
    'arguments',
    { task_id: TaskId, error: Text },
    {
      retry_in_s: wholeNumber('retry', 0, retrySecondsMax),
      no_retry: t.boolean,
      next: t.boolean,
      kinds: listCodec(Kind, 'a list of kinds'),
    },
  ),
  fields: {},
  run: ({ error, retryInS, noRetry, ...input }, context) => {
    const retryInMs = noRetry === true ? null : retryInS === undefined ? undefined : retryInS * 1000
    return endClaim(context, input, request => context.queue.fail({ ...request, error, retryInMs }))
  },
})
