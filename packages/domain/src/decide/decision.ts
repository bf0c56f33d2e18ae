import type * as E from 'fp-ts/lib/Either.js'
import type { Event } from '../events/index.ts'
import type { Kind, TaskId } from '../values/names.ts'
import type { NoReadyTask, Refusal } from './refusal.ts'
import type { Request } from '../state/table.ts'

/**
 * What a command comes to: the events to append, none where it is already so, and what to answer about: the tasks
 * concerned and the `seq` of the event that made it so.
 */
export type Decision = {
  readonly events: ReadonlyArray<Event>
  readonly taskIds: ReadonlyArray<TaskId>
  readonly seq: number
  /** The kind whose rules are concerned. */
  readonly kind?: Kind
  /** The same request came before, and these events are what it came to: its answer is the one it had then. */
  readonly repeats?: Request
  /** What was asked is refused all the same: the events only record what was found on the way. */
  readonly refusal?: NoReadyTask
  /** What came of asking for the next task as well: the one that was claimed, or why there is none. */
  readonly next?: { readonly taskId: TaskId } | { readonly none: NoReadyTask }
}

export type Decided = E.Either<Refusal, Decision>

/** It is already so, since the event `seq`. */
export const alreadySo = (seq: number, ...taskIds: ReadonlyArray<TaskId>): Decision => ({ events: [], taskIds, seq })

/** One event about a kind. */
export const oneRule = (kind: Kind, event: Event): Decision => ({ events: [event], taskIds: [], seq: event.seq, kind })

/** One event about one task. */
export const oneEvent = (taskId: TaskId, event: Event): Decision => ({
  events: [event],
  taskIds: [taskId],
  seq: event.seq,
})
