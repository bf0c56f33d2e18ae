import { Json, listOf, orNull, Text } from '@claimlog/codecs'
import { Backoff } from './backoff.ts'
import { Count, DurationMs, Label, Priority, TaskId, Time } from './scalars.ts'

/** The fields of a task, in addition to its id and kind, that `add` and `amend` set. */
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
