import type * as t from 'io-ts'
import { closedRecord, listOf, orNull } from '@claimlog/codecs'
import type { Event } from '../../events/index.ts'
import { DurationMs, Kind, type Label, type Time, type WorkerName } from '../../values/scalars.ts'
import type { State } from '../../state/state.ts'
import { isLive } from '../../state/task.ts'
import { handOut } from '../claim-task.ts'
import { type Append, type RefusedWithEvents, someEvents, type Unchanged } from '../decision.ts'
import { foldDecided } from '../../evolve/evolve.ts'
import { momentOf } from '../command.ts'

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
export const thenClaimNext = (state: State, command: Settling, settled: Append | Unchanged): Append | Unchanged => {
  const { claimNext } = command
  if (claimNext === undefined) return settled
  const { kinds, leaseMs } = claimNext
  const { worker, by, requestId } = command
  const asker = { worker, by, requestId, kinds, leaseMs }
  const handed = handOutAfter(state, settled.events, asker, momentOf(state, command))
  const { taskIds } = settled
  switch (handed._tag) {
    case 'Append': {
      const [taskId = ''] = handed.taskIds
      const events = [...settled.events, ...handed.events]
      return { _tag: 'Append', taskIds, events, seq: handed.seq, next: { taskId } }
    }
    case 'RefusedWithEvents': {
      const next = { none: handed.refusal }
      // Leases that ended for good are part of what the request came to, unless that is nothing but them: then the worker
      // may have more luck when it asks again.
      const lapses = settled.events.length === 0 ? handed.events : handed.events.map(lapse => ({ ...lapse, requestId }))
      return { ...someEvents([...settled.events, ...lapses], taskIds, settled.seq), next }
    }
  }
}

type Asker = Parameters<typeof handOut>[1]

/** Hands out what there is once `settled` is so, at the same moment. */
const handOutAfter = (
  state: State,
  settled: ReadonlyArray<Event>,
  asker: Asker,
  now: Time,
): Append | RefusedWithEvents => {
  const [first] = settled
  if (first === undefined) return handOut(state, asker, now)
  if (settled.length === 1 && concernsNobodyElse(state, first, now)) {
    const handed = handOut({ ...state, seq: first.seq, time: now }, asker, now)
    // Why there is nothing is said of the state with the settling in it.
    if (handed._tag === 'Append') return handed
  }
  // A layer of its own takes the settling: the state itself is the log's, which may not come to take it.
  return handOut(foldDecided(state, settled), asker, now)
}

/**
 * Whether whoever looks for work finds the same after `event` as before: it completes a task that its lease kept from being
 * found, that nobody needs, and that takes no room from others of its kind. As nearly every completion does.
 */
const concernsNobodyElse = ({ table }: State, event: Event, now: Time): boolean => {
  if (event.event !== 'completed') return false
  const task = table.get(event.taskId)
  if (task?.claim === undefined || !isLive(task.claim, now)) return false
  return table.count('dependents', task.id) === 0 && table.rules(task.kind).limit === undefined
}
