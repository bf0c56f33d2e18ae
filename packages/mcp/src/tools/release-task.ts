import { closedRecord, Text } from '@claimlog/codecs'
import { TaskId } from '@claimlog/client/unstable-internals'
import { endClaim } from '../end-claim.ts'
import { tool } from '../tool.ts'

/** Releases a task. */
export const releaseTask = tool({
  name: 'release_task',
  description: 'Release your task without using an attempt.',
  readOnly: false,
  idempotent: true,
  input: closedRecord('arguments', { task_id: TaskId }, { reason: Text }),
  fields: {},
  run: ({ reason, ...ended }, desk) => endClaim(desk, ended, holder => desk.queue.release({ ...holder, reason })),
})
