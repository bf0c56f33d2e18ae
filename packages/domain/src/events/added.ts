import type * as t from 'io-ts'
import { Kind, TaskId } from '../values/names.ts'
import { taskFields } from '../values/task-fields.ts'
import { eventCodec } from './event-codec.ts'

/** A task exists. */
export const Added = eventCodec('added', { task_id: TaskId, kind: Kind }, taskFields)
export type Added = t.TypeOf<typeof Added>
