import type * as t from 'io-ts'
import { TaskId } from '../values/names.ts'
import { Text } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** A person put the task back. */
export const Unheld = eventCodec('unheld', { task_id: TaskId }, { reason: Text })
export type Unheld = t.TypeOf<typeof Unheld>
