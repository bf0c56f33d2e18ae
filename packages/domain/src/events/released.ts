import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { TaskId, WorkerName } from '../values/names.ts'
import { Seq } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** Given back, unharmed: the attempt does not count. */
export const Released = eventCodec('released', { worker: WorkerName, task_id: TaskId, token: Seq }, { reason: Text })
export type Released = t.TypeOf<typeof Released>
