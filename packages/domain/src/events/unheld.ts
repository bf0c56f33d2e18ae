import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { TaskId } from '../values/scalars.ts'

/** The hold of the task was removed by a person. */
export const Unheld = eventCodec('unheld', { task_id: TaskId }, { reason: Text })
export type Unheld = t.TypeOf<typeof Unheld>
