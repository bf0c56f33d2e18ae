import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { TaskId } from '../values/scalars.ts'

/** A failed, cancelled or done task is ready again, its attempts counted from 0. */
export const Retried = eventCodec('retried', { task_id: TaskId }, { reason: Text })
export type Retried = t.TypeOf<typeof Retried>
