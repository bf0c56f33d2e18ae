import * as t from 'io-ts'
import { Json, listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
import {
  Attempt,
  Count,
  DurationMs,
  Kind,
  Label,
  Priority,
  Seq,
  type Status,
  TaskId,
  Time,
  WorkerName,
} from '@claimlog/domain'
import type { ClaimView, TaskView } from '@claimlog/wire'
import { type FieldsOf, named, optional, view } from './view-codec.ts'

/** How many there are of something; none is an answer. */
export const Amount = wholeNumber('amount', 0, Number.MAX_SAFE_INTEGER)

/** A stretch of time that may have no length. */
export const Milliseconds = wholeNumber('milliseconds', 0, Number.MAX_SAFE_INTEGER)

const statuses: Readonly<Record<Status, null>> = {
  blocked: null,
  ready: null,
  done: null,
  failed: null,
  cancelled: null,
}

/** Where a task is. */
export const StatusWord = named('where a task is; a claim does not change it', t.keyof(statuses, 'status'))

const Backoff = view<NonNullable<TaskView['backoff']>>(
  'backoff',
  'how long a failed task waits for its next attempt: the first delay, doubled each time, at most the second',
  { first_ms: DurationMs, max_ms: DurationMs },
)

const Hold = view<NonNullable<TaskView['hold']>>('hold', 'somebody put the task aside', {
  since: Time,
  reason: optional(Text),
  by: optional(Label),
})

/** The fields of a task, for whatever shows one with more beside them. */
export const taskViewFields: FieldsOf<TaskView> = {
  id: TaskId,
  kind: Kind,
  status: StatusWord,
  title: optional(Text),
  payload: optional(Json),
  needs: optional(listOf(TaskId, 'needs')),
  priority: optional(Priority),
  not_before: optional(Time),
  max_attempts: optional(Count),
  backoff: optional(Backoff),
  lease_ms: optional(orNull(DurationMs)),
  key: optional(Label),
  tags: optional(listOf(Label, 'tags')),
  hold: optional(Hold),
  error: optional(Text),
  retry_at: optional(Time),
  result: optional(Json),
}

/** The fields of a claim, for whatever shows one with more beside them. */
export const claimViewFields: FieldsOf<ClaimView> = {
  worker: WorkerName,
  token: Seq,
  attempt: Attempt,
  claimed_at: Time,
  lease_until: orNull(Time),
  progress: optional(Json),
}

export const TaskCodec = view<TaskView>('task', 'a task; a field only where it has a value', taskViewFields)

export const ClaimCodec = view<ClaimView>(
  'claim',
  "a worker's hold on a task; its token only grows, and a lease_until of null has no end",
  claimViewFields,
)
