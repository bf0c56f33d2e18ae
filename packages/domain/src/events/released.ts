import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { Seq, TaskId, WorkerName } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** The holder released the task: the attempt does not count. */
export const Released = eventCodec('released', { worker: WorkerName, task_id: TaskId, token: Seq }, { reason: Text })
export type Released = t.TypeOf<typeof Released>
