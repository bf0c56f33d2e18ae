import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { TaskId } from '../values/names.ts'
import { eventCodec } from './event-codec.ts'

/** A person put the task back. */
export const Unheld = eventCodec('unheld', { task_id: TaskId }, { reason: Text })
export type Unheld = t.TypeOf<typeof Unheld>
