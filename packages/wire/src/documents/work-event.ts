import * as t from 'io-ts'
import { Json, nullable, Text } from '@claimlog/codecs'
import { Attempt, Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { exitCodes } from '../error-codes.ts'
import { describeCodec, object, optional } from './object.ts'
import { Milliseconds, StatusWord } from './task.ts'
import type { View } from './view.ts'

const line = <E extends string>(event: E) => ({ time: Time, event: t.literal(event) })

/** The fields of the claim in every line. */
const claimFields = { task_id: TaskId, worker: WorkerName, token: Seq }

const taskFields = { ...claimFields, kind: Kind }

const durationFields = { took_ms: Milliseconds }

const ClaimedLine = object('claimed line', 'the worker claimed a task and starts its command', {
  ...line('claimed'),
  ...taskFields,
  attempt: Attempt,
  lease_until: nullable(Time),
})

const ProgressedLine = object('progressed line', 'the progress of the task was reported, normally by its command', {
  ...line('progressed'),
  ...claimFields,
  progress: Json,
})

const CompletedLine = object('completed line', 'the command exited with 0, and the task is done', {
  ...line('completed'),
  ...taskFields,
  ...durationFields,
  result: optional(Json),
})

const FailedLine = object(
  'failed line',
  'the attempt failed; status is failed if no attempt is left, and retry_at is when the next attempt may start',
  {
    ...line('failed'),
    ...taskFields,
    ...durationFields,
    status: StatusWord,
    error: optional(Text),
    retry_at: optional(Time),
  },
)

const ReleasedLine = object('released line', 'the task was released, and the attempt does not count', {
  ...line('released'),
  ...taskFields,
  ...durationFields,
})

const LostLine = object(
  'lost line',
  'the worker lost the claim before it finished it; its command was stopped, and no result was recorded',
  { ...line('lost'), ...claimFields, ...durationFields, why: t.string },
)

const DelayedLine = object('delayed line', 'something failed and will be tried again', {
  ...line('delayed'),
  task_id: optional(TaskId),
  error: t.keyof(exitCodes),
  message: t.string,
})

export const WorkEvent = describeCodec(
  'an event of a worker: one line of claimlog work --json',
  t.union([ClaimedLine, ProgressedLine, CompletedLine, FailedLine, ReleasedLine, LostLine, DelayedLine]),
)
/** A line of `work --json`. */
export type WorkEvent = View<typeof WorkEvent>
