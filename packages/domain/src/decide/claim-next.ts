import type * as t from 'io-ts'
import { fold } from '../evolve.ts'
import { Kind, type Label, type WorkerName } from '../names.ts'
import { closedRecord } from '../record.ts'
import { DurationMs, listOf, orNull } from '../scalars.ts'
import type { State } from '../state.ts'
import { tableOver } from '../table-over.ts'
import { handOut } from './claim-task.ts'
import { type Decision, momentOf } from './decision.ts'

/**
 * What a worker that ends a claim wants next: a task of any of `kinds` (none named: of any kind), under a lease of
 * `leaseMs` (null: until released), else what the task or the workspace says.
 */
export const ClaimNext = closedRecord(
  'claim next',
  { kinds: listOf(Kind, 'a list of kinds') },
  { lease_ms: orNull(DurationMs) },
)

type ClaimNext = t.TypeOf<typeof ClaimNext>

/** The command of a worker that ends a claim, and may want the next task in the same decision. */
type Settling = {
  readonly worker: WorkerName
  readonly claimNext?: ClaimNext
  readonly nowMs: number
  readonly by?: Label
  readonly requestId?: Label
}

/**
 * The decision `settled`, and with it the claim of a next task where the command asks for one. Its events are those of
 * the settling and those of a claim that follows at the same moment. That nothing is ready is no refusal: the settling
 * stands, and the decision says why there is no next.
 */
export const thenClaimNext = (state: State, command: Settling, settled: Decision): Decision => {
  const { claimNext } = command
  if (claimNext === undefined) return settled
  // A layer of its own takes the settling: the state itself is the log's, which may not come to take it.
  const after = settled.events.length === 0 ? state : fold({ ...state, table: tableOver(state.table) }, settled.events)
  const { kinds, leaseMs } = claimNext
  const { worker, by, requestId } = command
  const asker = { worker, by, requestId, kinds, leaseMs }
  const { events, taskIds, seq, refusal } = handOut(after, asker, momentOf(after, command))
  if (refusal === undefined) {
    const [taskId = ''] = taskIds
    return { taskIds: settled.taskIds, events: [...settled.events, ...events], seq, next: { taskId } }
  }
  // Leases that ended for good are part of what the request came to, unless that is nothing but them: then the worker may
  // have more luck when it asks again.
  const lapses = settled.events.length === 0 ? events : events.map(lapse => ({ ...lapse, requestId }))
  return { taskIds: settled.taskIds, events: [...settled.events, ...lapses], seq: settled.seq, next: { none: refusal } }
}
