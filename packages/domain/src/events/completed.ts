import type * as t from 'io-ts'
import { Json } from '@claimlog/codecs'
import { Seq, TaskId, WorkerName } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** The holder completed the task: it is done. */
export const Completed = eventCodec('completed', { worker: WorkerName, task_id: TaskId, token: Seq }, { result: Json })
export type Completed = t.TypeOf<typeof Completed>
