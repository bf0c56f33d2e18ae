import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { TaskId } from '../values/scalars.ts'

/** A note was added to the task. It has no effect on the state. */
export const Noted = eventCodec('noted', { task_id: TaskId, text: Text }, {})
export type Noted = t.TypeOf<typeof Noted>
