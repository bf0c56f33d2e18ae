import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { TaskId } from '../values/names.ts'
import { eventCodec } from './event-codec.ts'

/** A failed, cancelled or done task is ready again, its attempts counted from 0. */
export const Retried = eventCodec('retried', { task_id: TaskId }, { reason: Text })
export type Retried = t.TypeOf<typeof Retried>
