import type * as t from 'io-ts'
import { Json, listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
import { Attempt, Count, DurationMs, Kind, Label, Priority, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { named, object, oneOf, optional } from './object.ts'

/** How many there are of something; none is an answer. */
export const Amount = wholeNumber('amount', 0, Number.MAX_SAFE_INTEGER)

/** A stretch of time that may have no length. */
export const Milliseconds = wholeNumber('milliseconds', 0, Number.MAX_SAFE_INTEGER)

/** Where a task is. */
export const StatusWord = named(
  'where a task is; a claim does not change it',
  oneOf(['blocked', 'ready', 'done', 'failed', 'cancelled'], 'status'),
)

const BackoffView = object(
  'backoff',
  'how long a failed task waits for its next attempt: the first delay, doubled each time, at most the second',
  { first_ms: DurationMs, max_ms: DurationMs },
)

const HoldView = object('hold', 'somebody put the task aside', {
  since: Time,
  reason: optional(Text),
  by: optional(Label),
})

/** The fields of a task, for whatever shows one with more beside them. */
export const taskFields = {
  id: TaskId,
  kind: Kind,
  status: StatusWord,
  title: optional(Text),
  payload: optional(Json),
  needs: optional(listOf(TaskId, 'needs')),
  priority: optional(Priority),
  not_before: optional(Time),
  max_attempts: optional(Count),
  backoff: optional(BackoffView),
  lease_ms: optional(orNull(DurationMs)),
  key: optional(Label),
  tags: optional(listOf(Label, 'tags')),
  hold: optional(HoldView),
  error: optional(Text),
  retry_at: optional(Time),
  result: optional(Json),
}

/** The fields of a claim, for whatever shows one with more beside them. */
export const claimFields = {
  worker: WorkerName,
  token: Seq,
  attempt: Attempt,
  claimed_at: Time,
  lease_until: orNull(Time),
  progress: optional(Json),
}

export const TaskView = object('task', 'a task; a field only where it has a value', taskFields)
/**
 * A task as every output shows it, in the spelling of files; a field only where it has a value. A claimed task's
 * status stays `ready`: whoever shows it shows its claim beside it.
 *
 * @interface
 */
export type TaskView = t.TypeOf<typeof TaskView>

export const ClaimView = object(
  'claim',
  "a worker's hold on a task; its token only grows, and a lease_until of null has no end",
  claimFields,
)
/**
 * A claim as every output shows it; times as on the line, no clock.
 *
 * @interface
 */
export type ClaimView = t.TypeOf<typeof ClaimView>
