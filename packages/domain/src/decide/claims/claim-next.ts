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
 * The next task that a worker wants when it ends a claim: any of `kinds` (empty: any kind), with a lease of `leaseMs`
 * (null: until released), by default that of the task or the workspace.
 */
export const ClaimNext = closedRecord(
  'claim next',
  { kinds: listOf(Kind, 'a list of kinds') },
  { lease_ms: orNull(DurationMs) },
)

type ClaimNext = t.TypeOf<typeof ClaimNext>

/** A command that ends a claim, and may claim the next task in the same decision. */
type Settling = {
  readonly worker: WorkerName
  readonly claimNext?: ClaimNext
  readonly nowMs: number
  readonly by?: Label
  readonly requestId?: Label
}

/**
 * Adds the claim of the next task to the decision that ends a claim, if the command asks for one. The events are those
 * of that decision, then those of a claim at the same time. If no task is ready, that is no refusal: the claim still
 * ends, and the decision explains why there is no next task.
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
      // Failures of expired claims belong to the request, unless they are its only events: then a repeated request can
      // still claim a task.
      const lapses = settled.events.length === 0 ? handed.events : handed.events.map(lapse => ({ ...lapse, requestId }))
      return { ...someEvents([...settled.events, ...lapses], taskIds, settled.seq), next }
    }
  }
}

type Asker = Parameters<typeof handOut>[1]

/** Claims the next task in the state after the events that end the claim, at the same time. */
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
    // If there is none, the reasons must come from the state after the events.
    if (handed._tag === 'Append') return handed
  }
  // The events go to a scratch table: the state belongs to the log, which may fail to append them.
  return handOut(foldDecided(state, settled), asker, now)
}

/**
 * True if a search for work has the same result before and after `event`: it completes a task with a live lease,
 * without dependents, of a kind without a limit. True for nearly every completion.
 */
const concernsNobodyElse = ({ table }: State, event: Event, now: Time): boolean => {
  if (event.event !== 'completed') return false
  const task = table.get(event.taskId)
  if (task?.claim === undefined || !isLive(task.claim, now)) return false
  return table.count('dependents', task.id) === 0 && table.rules(task.kind).limit === undefined
}
