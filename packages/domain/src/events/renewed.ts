import type * as t from 'io-ts'
import { Json, nullable } from '@claimlog/codecs'
import { Seq, TaskId, Time, WorkerName } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** The holder extended the lease; `progress` is free-form data from the worker. */
export const Renewed = eventCodec(
  'renewed',
  { worker: WorkerName, task_id: TaskId, token: Seq, lease_until: nullable(Time) },
  { progress: Json },
)
export type Renewed = t.TypeOf<typeof Renewed>
