import type * as t from 'io-ts'
import { nullable, Text } from '@claimlog/codecs'
import { Seq, TaskId, Time, WorkerName } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/**
 * The attempt failed. The task is due again at `retryAt`; null: no further attempt, the task has failed. `stack`: where
 * the error was thrown, if a program threw one.
 */
export const Failed = eventCodec(
  'failed',
  { worker: WorkerName, task_id: TaskId, token: Seq, error: Text, retry_at: nullable(Time) },
  { stack: Text },
)
export type Failed = t.TypeOf<typeof Failed>
