import type * as E from 'fp-ts/lib/Either.js'
import type { Event } from '../events/index.ts'
import type { NoReadyTask, Refusal } from './refusal.ts'
import type { RequestEvents } from '../state/table.ts'
import type { Kind, TaskId } from '../values/scalars.ts'

/** The result of a command: the events to append, the tasks to report, and the `seq` of the event that is the cause. */
export type Decision = Append | Unchanged | Repeats | RefusedWithEvents

/** A decision about tasks or the rules of a kind. */
type DecisionFields = {
  readonly taskIds: ReadonlyArray<TaskId>
  readonly seq: number
  /** The kind, if the decision is about its rules. */
  readonly kind?: Kind
  /** If the command also asked for the next task: the one that was claimed, or why there is none. */
  readonly next?: { readonly taskId: TaskId } | { readonly none: NoReadyTask }
}

/** Events to append, at least one. */
export type Append = DecisionFields & { readonly _tag: 'Append'; readonly events: ReadonlyArray<Event> }

/** Nothing to do: event `seq` already had this effect. */
export type Unchanged = DecisionFields & { readonly _tag: 'Unchanged'; readonly events: readonly [] }

/** The request id was used before. `repeats` has the events of that time; the answer is rebuilt from them. */
type Repeats = {
  readonly _tag: 'Repeats'
  readonly events: readonly []
  readonly taskIds: readonly []
  readonly seq: number
  readonly repeats: RequestEvents
}

/** A refusal with side effects: the events, at least one, record expired claims that the search has found. */
export type RefusedWithEvents = {
  readonly _tag: 'RefusedWithEvents'
  readonly events: ReadonlyArray<Event>
  readonly taskIds: readonly []
  readonly seq: number
  readonly refusal: NoReadyTask
}

export type DecisionResult = E.Either<Refusal, Decision>

export const unchanged = (seq: number, ...taskIds: ReadonlyArray<TaskId>): Unchanged => ({
  _tag: 'Unchanged',
  events: [],
  taskIds,
  seq,
})

export const kindDecision = (kind: Kind, event: Event): Append => ({
  _tag: 'Append',
  events: [event],
  taskIds: [],
  seq: event.seq,
  kind,
})

export const taskDecision = (taskId: TaskId, event: Event): Append => appendDecision([event], [taskId], event.seq)

/** `seq` is that of the event that the command asked for; the others accompany it. */
export const appendDecision = (events: ReadonlyArray<Event>, taskIds: ReadonlyArray<TaskId>, seq: number): Append => ({
  _tag: 'Append',
  events,
  taskIds,
  seq,
})

/** Append, or unchanged if there are no events. */
export const appendOrUnchanged = (
  events: ReadonlyArray<Event>,
  taskIds: ReadonlyArray<TaskId>,
  seq: number,
): Append | Unchanged => (events.length === 0 ? unchanged(seq, ...taskIds) : appendDecision(events, taskIds, seq))
