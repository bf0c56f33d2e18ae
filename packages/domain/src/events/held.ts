import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { TaskId } from '../values/scalars.ts'

/** The task was put on hold by a person. */
export const Held = eventCodec('held', { task_id: TaskId }, { reason: Text })
export type Held = t.TypeOf<typeof Held>
