import type * as t from 'io-ts'
import { taskFields } from '../values/task-fields.ts'
import { eventCodec } from './event-codec.ts'
import { Kind, TaskId } from '../values/scalars.ts'

/** Fields of the task changed: only those, with their new values. */
export const Amended = eventCodec('amended', { task_id: TaskId }, { kind: Kind, ...taskFields })
export type Amended = t.TypeOf<typeof Amended>
