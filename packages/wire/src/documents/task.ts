import { Json, listCodec, nullable, Text, wholeNumber } from '@claimlog/codecs'
import { Attempt, Count, DurationMs, Kind, Label, Priority, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { describeCodec, object, enumCodec, optional } from './object.ts'
import type { View } from './view.ts'

/** A count, which may be 0. */
export const Amount = wholeNumber('amount', 0, Number.MAX_SAFE_INTEGER)

/** A length of time, which may be 0. */
export const Milliseconds = wholeNumber('milliseconds', 0, Number.MAX_SAFE_INTEGER)

/** The status of a task. */
export const StatusWord = describeCodec(
  'the status of a task; a claim does not change it',
  enumCodec(['blocked', 'ready', 'done', 'failed', 'cancelled'], 'status'),
)

const BackoffView = object(
  'backoff',
  'the delay before the next attempt after a failure: first_ms, doubled each time, at most max_ms',
  { first_ms: DurationMs, max_ms: DurationMs },
)

const HoldView = object('hold', 'the task is on hold', {
  since: Time,
  reason: optional(Text),
  by: optional(Label),
})

/** The fields of a task, for documents that add more fields. */
export const taskFields = {
  id: TaskId,
  kind: Kind,
  status: StatusWord,
  title: optional(Text),
  payload: optional(Json),
  needs: optional(listCodec(TaskId, 'needs')),
  priority: optional(Priority),
  not_before: optional(Time),
  max_attempts: optional(Count),
  backoff: optional(BackoffView),
  lease_ms: optional(nullable(DurationMs)),
  key: optional(Label),
  tags: optional(listCodec(Label, 'tags')),
  hold: optional(HoldView),
  error: optional(Text),
  retry_at: optional(Time),
  result: optional(Json),
}

/** The fields of a claim, for documents that add more fields. */
export const claimFields = {
  worker: WorkerName,
  token: Seq,
  attempt: Attempt,
  claimed_at: Time,
  lease_until: nullable(Time),
  progress: optional(Json),
}

export const TaskView = object('task', 'a task; a field is absent if it has no value', taskFields)
/**
 * A task, as in every output. A field is absent if it has no value. The status of a claimed task stays `ready`;
 * documents have the claim next to the task.
 *
 * @interface
 */
export type TaskView = View<typeof TaskView>

export const ClaimView = object(
  'claim',
  'the claim of a worker on a task; tokens only grow, and a lease_until of null never expires',
  claimFields,
)
/**
 * A claim, as in every output. Times are those of its event.
 *
 * @interface
 */
export type ClaimView = View<typeof ClaimView>
