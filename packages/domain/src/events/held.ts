import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { TaskId } from '../values/names.ts'
import { eventCodec } from './event-codec.ts'

/** A person put the task aside. */
export const Held = eventCodec('held', { task_id: TaskId }, { reason: Text })
export type Held = t.TypeOf<typeof Held>
