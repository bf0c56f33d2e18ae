import * as E from 'fp-ts/lib/Either.js'
import { claimedTask } from '@claimlog/worker'
import { closedRecord, JsonObject, wholeNumber } from '@claimlog/codecs'
import { TaskId } from '@claimlog/domain'
import { tool } from '../tool.ts'

const longestLeaseS = 86_400

/** Holds on to a claim for longer, and says how far the work is. */
export const renewClaim = tool({
  name: 'renew_claim',
  description: 'Report progress, or hold on for longer than the server renews.',
  readOnly: false,
  idempotent: false,
  input: closedRecord(
    'arguments',
    { task_id: TaskId },
    { lease_s: wholeNumber('lease', 1, longestLeaseS), progress: JsonObject },
  ),
  fields: {},
  run: async ({ taskId, leaseS, progress }, { workspace, worker, claims, leaseMs }) => {
    const lease = leaseS === undefined ? leaseMs : leaseS * 1000
    const token = claims.tokenOf(taskId)
    const renewed = await workspace.run({ command: 'renew', worker, taskId, token, leaseMs: lease, progress })()
    if (E.isLeft(renewed)) return renewed
    const [first] = renewed.right.tasks
    if (first?.claim === undefined) throw new Error(`the claim on ${taskId} was renewed, and is not there`)
    claims.take(claimedTask(first))
    return E.right({ head: { task_id: taskId, lease_until: first.claim.lease_until }, seq: renewed.right.seq })
  },
})
