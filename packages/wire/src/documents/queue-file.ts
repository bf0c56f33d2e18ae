import type * as t from 'io-ts'
import { listOf, orNull } from '@claimlog/codecs'
import { Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { object } from './object.ts'
import { TaskView } from './task.ts'

const QueuedClaim = object('queued claim', 'the claim of a worker on a task', {
  worker: WorkerName,
  task_id: TaskId,
  token: Seq,
  lease_until: orNull(Time),
})

export const QueueFile = object(
  'queue',
  'queue.json: the open tasks and the newest finished ones in the order they were added, and the claims in the order they were granted, after the event with that seq',
  { tasks: listOf(TaskView, 'tasks'), claims: listOf(QueuedClaim, 'claims'), seq: Seq },
)
/** The content of `queue.json`. */
export type QueueFile = t.TypeOf<typeof QueueFile>
