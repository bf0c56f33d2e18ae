import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord, JsonObject, wholeNumber } from '@claimlog/codecs'
import { toClaimedTask, TaskId } from '@claimlog/client/unstable-internals'
import type { AgentRenew } from '@claimlog/wire'
import type { HeadFields } from '../answer.ts'
import { defineTool } from '../tool.ts'

const leaseSecondsMax = 86_400

/** Extends a claim, and records progress. */
export const renewClaim = defineTool({
  name: 'renew_claim',
  description: 'Report progress, or extend your lease beyond the auto-renew limit.',
  readOnly: false,
  idempotent: false,
  input: closedRecord(
    'arguments',
    { task_id: TaskId },
    { lease_s: wholeNumber('lease', 1, leaseSecondsMax), progress: JsonObject },
  ),
  fields: {},
  run: ({ taskId, leaseS, progress }, { queue, worker, claims, leaseMs }) =>
    pipe(
      queue.renew({
        ...{ worker, taskId, token: claims.findToken(taskId), progress },
        leaseMs: leaseS === undefined ? leaseMs : leaseS * 1000,
      }),
      TE.map(({ seq, ...renewed }) => ({ ...toClaimedTask(renewed), seq })),
      TE.tapIO(claimed => () => claims.keep(claimed)),
      TE.map(({ task, claim, seq }) => {
        const head: HeadFields<AgentRenew> = { taskId: task.id, leaseUntil: claim.leaseUntil }
        return { head, seq }
      }),
    ),
})
