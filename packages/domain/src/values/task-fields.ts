import { Json, listOf, orNull, Text } from '@claimlog/codecs'
import { Backoff } from './backoff.ts'
import { Count, DurationMs, Label, Priority, TaskId, Time } from './scalars.ts'

/** What may be said of a task besides its id and its kind, when it is added and when it is amended. */
export const taskFields = {
  title: Text,
  payload: Json,
  needs: listOf(TaskId, 'a list of task ids'),
  priority: Priority,
  not_before: Time,
  max_attempts: Count,
  backoff: Backoff,
  lease_ms: orNull(DurationMs),
  key: Label,
  tags: listOf(Label, 'a list of labels'),
} as const
