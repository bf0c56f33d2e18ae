import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { TaskId } from '../values/scalars.ts'

/** The task was cancelled: it will not be done. */
export const Cancelled = eventCodec('cancelled', { task_id: TaskId }, { reason: Text })
export type Cancelled = t.TypeOf<typeof Cancelled>
