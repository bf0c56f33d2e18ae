import type * as t from 'io-ts'
import { taskFields } from '../values/task-fields.ts'
import { eventCodec } from './event-codec.ts'
import { Kind, TaskId } from '../values/scalars.ts'

/** A task was added. */
export const Added = eventCodec('added', { task_id: TaskId, kind: Kind }, taskFields)
export type Added = t.TypeOf<typeof Added>
