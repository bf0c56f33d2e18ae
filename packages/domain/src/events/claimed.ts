import type * as t from 'io-ts'
import { nullable } from '@claimlog/codecs'
import { Attempt, TaskId, Time, WorkerName } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** A worker claimed the task until `leaseUntil` (null: until released). This event's `seq` is the claim's token. */
export const Claimed = eventCodec(
  'claimed',
  { worker: WorkerName, task_id: TaskId, attempt: Attempt, lease_until: nullable(Time) },
  {},
)
export type Claimed = t.TypeOf<typeof Claimed>
