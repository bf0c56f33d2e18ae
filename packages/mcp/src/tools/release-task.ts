import { closedRecord, Text } from '@claimlog/codecs'
import { TaskId } from '@claimlog/client/unstable-internals'
import { endClaim } from '../end-claim.ts'
import { tool } from '../tool.ts'

/** Gives a task back. */
export const releaseTask = tool({
  name: 'release_task',
  description: 'Give your task back unharmed; the attempt does not count.',
  readOnly: false,
  idempotent: true,
  input: closedRecord('arguments', { task_id: TaskId }, { reason: Text }),
  fields: {},
  run: ({ reason, ...ended }, desk) => endClaim(desk, ended, holder => desk.queue.release({ ...holder, reason })),
})
