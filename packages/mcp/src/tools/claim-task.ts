import * as E from 'fp-ts/lib/Either.js'
import { claimedTask, claimWhenReady } from '@claimlog/coordinator/workspace'
import { closedRecord, Kind, listOf, type TaskId, TaskId as TaskIdCodec, wholeNumber } from '@claimlog/domain'
import type { Desk } from '../agent-session.ts'
import { handedOut } from '../handed-out.ts'
import { wantedKinds } from '../wanted-kinds.ts'
import { tool } from '../tool.ts'

const longestWaitS = 3600

/** Hands out the next task, or one that is named; waits for one where that is asked for. */
export const claimTask = tool({
  name: 'claim_task',
  description:
    'Take the next ready task of these kinds, or task_id. Its lease is renewed for you until you complete, fail or release it.',
  readOnly: false,
  idempotent: false,
  input: closedRecord(
    'arguments',
    {},
    { kinds: listOf(Kind, 'a list of kinds'), task_id: TaskIdCodec, wait_s: wholeNumber('wait', 0, longestWaitS) },
  ),
  fields: { wait_s: 'Wait for one; clients may give up after 60' },
  run: async ({ kinds: asked, taskId, waitS = 0 }, desk, { signal }) => {
    const kinds = wantedKinds(desk, asked)
    if (E.isLeft(kinds)) return kinds
    const { workspace, worker, leaseMs } = desk
    const order = { command: 'claim', worker, kinds: kinds.right, taskId, leaseMs } as const
    const claimed =
      waitS === 0
        ? await workspace.run(order, signal)()
        : await claimWhenReady(workspace, order, { waitMs: waitS * 1000, signal })()
    if (E.isLeft(claimed)) return claimed
    const [first] = claimed.right.tasks
    if (first === undefined) throw new Error('a task was claimed, and the answer has none')
    const answer = handedOut(desk, claimedTask(first), claimed.right.seq)
    if (signal.aborted) await giveBack(desk, first.task.id)
    return E.right(answer)
  },
})

/** Whoever asked is gone and will never know that it has the task. */
const giveBack = async ({ workspace, worker, claims }: Desk, taskId: TaskId): Promise<void> => {
  const token = claims.tokenOf(taskId)
  claims.settled(taskId)
  await workspace.run({ command: 'release', worker, taskId, token, reason: 'whoever asked no longer waited' })()
}
