import { Json, listCodec, nullable, Text } from '@claimlog/codecs'
import { Backoff } from './backoff.ts'
import { Count, DurationMs, Label, Priority, TaskId, Time } from './scalars.ts'

/** The fields of a task, in addition to its id and kind, that `add` and `amend` set. */
export const taskFields = {
  title: Text,
  payload: Json,
  needs: listCodec(TaskId, 'a list of task ids'),
  priority: Priority,
  not_before: Time,
  max_attempts: Count,
  backoff: Backoff,
  lease_ms: nullable(DurationMs),
  key: Label,
  tags: listCodec(Label, 'a list of labels'),
} as const
