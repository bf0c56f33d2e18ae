import { listCodec, nullable } from '@claimlog/codecs'
import { Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { object } from './object.ts'
import { TaskView } from './task.ts'
import type { View } from './view.ts'

const QueueFileClaim = object('queued claim', 'the claim of a worker on a task', {
  worker: WorkerName,
  task_id: TaskId,
  token: Seq,
  lease_until: nullable(Time),
})

export const QueueFileDocument = object(
  'queue',
  'queue.json: the open tasks and the newest finished ones in the order they were added, and the claims in the order they were granted, after the event with that seq',
  { tasks: listCodec(TaskView, 'tasks'), claims: listCodec(QueueFileClaim, 'claims'), seq: Seq },
)
/** The content of `queue.json`. */
export type QueueFileDocument = View<typeof QueueFileDocument>
