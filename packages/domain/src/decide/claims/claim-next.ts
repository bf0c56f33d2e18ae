import type * as t from 'io-ts'
import { closedRecord, listCodec, nullable } from '@claimlog/codecs'
import type { Event } from '../../events/index.ts'
import { DurationMs, Kind, type Label, type Time, type WorkerName } from '../../values/scalars.ts'
import type { State } from '../../state/state.ts'
import { isLive } from '../../state/task.ts'
import { claimNextReady } from '../claim-task.ts'
import { type Append, type RefusedWithEvents, appendOrUnchanged, type Unchanged } from '../decision.ts'
import { previewDecision } from '../../evolve/evolve.ts'
import { decisionTime } from '../command.ts'

/**
 * The next task that a worker wants when it ends a claim: any of `kinds` (empty: any kind), with a lease of `leaseMs`
 * (null: until released), by default that of the task or the workspace.
 */
export const ClaimNext = closedRecord(
  'claim next',
  { kinds: listCodec(Kind, 'a list of kinds') },
  { lease_ms: nullable(DurationMs) },
)

type ClaimNext = t.TypeOf<typeof ClaimNext>

/** A command that ends a claim, and may claim the next task in the same decision. */
type ClaimEndCommand = {
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
export const addNextClaim = (
  state: State,
  command: ClaimEndCommand,
  claimEnd: Append | Unchanged,
): Append | Unchanged => {
  const { claimNext } = command
  if (claimNext === undefined) return claimEnd
  const { kinds, leaseMs } = claimNext
  const { worker, by, requestId } = command
  const request = { worker, by, requestId, kinds, leaseMs }
  const nextDecision = claimAfterEnd(state, claimEnd.events, request, decisionTime(state, command))
  const { taskIds } = claimEnd
  switch (nextDecision._tag) {
    case 'Append': {
      const [taskId = ''] = nextDecision.taskIds
      const events = [...claimEnd.events, ...nextDecision.events]
      return { _tag: 'Append', taskIds, events, seq: nextDecision.seq, next: { taskId } }
    }
    case 'RefusedWithEvents': {
      const next = { none: nextDecision.refusal }
      // Failures of expired claims belong to the request, unless they are its only events: then a repeated request can
      // still claim a task.
      const failures =
        claimEnd.events.length === 0
          ? nextDecision.events
          : nextDecision.events.map(failure => ({ ...failure, requestId }))
      return { ...appendOrUnchanged([...claimEnd.events, ...failures], taskIds, claimEnd.seq), next }
    }
  }
}

type ClaimRequest = Parameters<typeof claimNextReady>[1]

/** Claims the next task in the state after the events that end the claim, at the same time. */
const claimAfterEnd = (
  state: State,
  claimEnd: ReadonlyArray<Event>,
  request: ClaimRequest,
  now: Time,
): Append | RefusedWithEvents => {
  const [first] = claimEnd
  if (first === undefined) return claimNextReady(state, request, now)
  if (claimEnd.length === 1 && leavesSearchUnchanged(state, first, now)) {
    const nextDecision = claimNextReady({ ...state, seq: first.seq, time: now }, request, now)
    // If there is none, the reasons must come from the state after the events.
    if (nextDecision._tag === 'Append') return nextDecision
  }
  // The events go to a scratch table: the state belongs to the log, which may fail to append them.
  return claimNextReady(previewDecision(state, claimEnd), request, now)
}

/**
 * True if a search for work has the same result before and after `event`: it completes a task with a live lease,
 * without dependents, of a kind without a limit. True for nearly every completion.
 */
const leavesSearchUnchanged = ({ table }: State, event: Event, now: Time): boolean => {
  if (event.event !== 'completed') return false
  const task = table.get(event.taskId)
  if (task?.claim === undefined || !isLive(task.claim, now)) return false
  return table.count('dependents', task.id) === 0 && table.rules(task.kind).limit === undefined
}
