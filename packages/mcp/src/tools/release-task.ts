import { closedRecord, Text } from '@claimlog/codecs'
import { TaskId } from '@claimlog/client/unstable-internals'
import { endClaim } from '../end-claim.ts'
import { defineTool } from '../tool.ts'

/** Releases a task. */
export const releaseTask = defineTool({
  name: 'release_task',
  description: 'Release your task without using an attempt.',
  readOnly: false,
  idempotent: true,
  input: closedRecord('arguments', { task_id: TaskId }, { reason: Text }),
  fields: {},
  run: ({ reason, ...input }, context) =>
    endClaim(context, input, request => context.queue.release({ ...request, reason })),
})
