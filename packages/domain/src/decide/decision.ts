import type * as E from 'fp-ts/lib/Either.js'
import type { Event } from '../events/index.ts'
import type { NoReadyTask, Refusal } from './refusal.ts'
import type { Request } from '../state/table.ts'
import type { Kind, TaskId } from '../values/scalars.ts'

/** What a command comes to: each has the events to append, the tasks to answer about, and the `seq` of the event that made it so. */
export type Decision = Append | Unchanged | Repeats | RefusedWithEvents

/** A decision about tasks or the rules of a kind. */
type Settled = {
  readonly taskIds: ReadonlyArray<TaskId>
  readonly seq: number
  /** The kind whose rules are concerned. */
  readonly kind?: Kind
  /** What came of asking for the next task as well: the one that was claimed, or why there is none. */
  readonly next?: { readonly taskId: TaskId } | { readonly none: NoReadyTask }
}

/** It becomes so by these events, one at least. */
export type Append = Settled & { readonly _tag: 'Append'; readonly events: ReadonlyArray<Event> }

/** It is so already, since the event `seq`. */
export type Unchanged = Settled & { readonly _tag: 'Unchanged'; readonly events: readonly [] }

/** The same request came before, and `repeats` is what it came to: its answer is the one it had then. */
type Repeats = {
  readonly _tag: 'Repeats'
  readonly events: readonly []
  readonly taskIds: readonly []
  readonly seq: number
  readonly repeats: Request
}

/** What was asked is refused: the events, one at least, only record what was found on the way. */
export type RefusedWithEvents = {
  readonly _tag: 'RefusedWithEvents'
  readonly events: ReadonlyArray<Event>
  readonly taskIds: readonly []
  readonly seq: number
  readonly refusal: NoReadyTask
}

export type Decided = E.Either<Refusal, Decision>

/** It is already so, since the event `seq`. */
export const alreadySo = (seq: number, ...taskIds: ReadonlyArray<TaskId>): Unchanged => ({
  _tag: 'Unchanged',
  events: [],
  taskIds,
  seq,
})

/** One event about a kind. */
export const oneRule = (kind: Kind, event: Event): Append => ({
  _tag: 'Append',
  events: [event],
  taskIds: [],
  seq: event.seq,
  kind,
})

/** One event about one task. */
export const oneEvent = (taskId: TaskId, event: Event): Append => manyEvents([event], [taskId], event.seq)

/** Some events about some tasks, of which `seq` is the one that made it so. */
export const manyEvents = (events: ReadonlyArray<Event>, taskIds: ReadonlyArray<TaskId>, seq: number): Append => ({
  _tag: 'Append',
  events,
  taskIds,
  seq,
})

/** The same, where there may be no event. */
export const someEvents = (
  events: ReadonlyArray<Event>,
  taskIds: ReadonlyArray<TaskId>,
  seq: number,
): Append | Unchanged => (events.length === 0 ? alreadySo(seq, ...taskIds) : manyEvents(events, taskIds, seq))
