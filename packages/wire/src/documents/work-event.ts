import * as t from 'io-ts'
import { Json, orNull, Text } from '@claimlog/codecs'
import { Attempt, Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { exitCodes } from '../error-codes.ts'
import { named, object, optional } from './object.ts'
import { Milliseconds, StatusWord } from './task.ts'

const line = <E extends string>(event: E) => ({ time: Time, event: t.literal(event) })

/** What every line says of a claim. */
const claimFields = { task_id: TaskId, worker: WorkerName, token: Seq }

const taskFields = { ...claimFields, kind: Kind }

const took = { took_ms: Milliseconds }

const ClaimedLine = object('claimed line', 'the worker has claimed a task, and its command is started', {
  ...line('claimed'),
  ...taskFields,
  attempt: Attempt,
  lease_until: orNull(Time),
})

const ProgressedLine = object('progressed line', 'somebody has said how far the task is: its command, as a rule', {
  ...line('progressed'),
  ...claimFields,
  progress: Json,
})

const CompletedLine = object('completed line', 'the command has exited with 0, and the task is done', {
  ...line('completed'),
  ...taskFields,
  ...took,
  result: optional(Json),
})

const FailedLine = object(
  'failed line',
  'the attempt has failed; the status says whether the task has, and retry_at when the next attempt may start',
  { ...line('failed'), ...taskFields, ...took, status: StatusWord, error: optional(Text), retry_at: optional(Time) },
)

const ReleasedLine = object('released line', 'the task was given back, and the attempt does not count', {
  ...line('released'),
  ...taskFields,
  ...took,
})

const LostLine = object(
  'lost line',
  "the claim was over without the worker's settling it; its command was stopped, and nothing was settled",
  { ...line('lost'), ...claimFields, ...took, why: t.string },
)

const DelayedLine = object('delayed line', 'something came in between, and is tried again', {
  ...line('delayed'),
  task_id: optional(TaskId),
  error: t.keyof(exitCodes),
  message: t.string,
})

export const WorkEvent = named(
  'what has happened to a worker: one line of claimlog work --json',
  t.union([ClaimedLine, ProgressedLine, CompletedLine, FailedLine, ReleasedLine, LostLine, DelayedLine]),
)
/** A line of `work --json`. */
export type WorkEvent = t.TypeOf<typeof WorkEvent>
