import { closedRecord, ExactJson, listCodec } from '@claimlog/codecs'
import { Kind, TaskId } from '@claimlog/client/unstable-internals'
import * as t from 'io-ts'
import { endClaim } from '../end-claim.ts'
import { defineTool } from '../tool.ts'

/** Completes a task and, if requested, claims the next one in the same step. */
export const completeTask = defineTool({
  name: 'complete_task',
  description: 'Complete your task. next: claim another in the same step.',
  readOnly: false,
  idempotent: true,
  input: closedRecord(
    'arguments',
    { task_id: TaskId },
    { result: ExactJson, next: t.boolean, kinds: listCodec(Kind, 'a list of kinds') },
  ),
  fields: { result: 'Outcome' },
  run: ({ result, ...input }, context) =>
    endClaim(context, input, request => context.queue.complete({ ...request, result })),
})
