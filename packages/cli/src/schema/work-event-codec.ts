import * as t from 'io-ts'
import { Json, orNull, Text } from '@claimlog/codecs'
import { Attempt, Kind, Seq, type Status, TaskId, Time, WorkerName } from '@claimlog/domain'
import { Milliseconds, StatusWord } from '@claimlog/wire/documents'
import { type CliErrorWord, exitCodes } from '@claimlog/wire'
import { type FieldsOf, named, optional, view } from './view-codec.ts'

type Line<E extends string> = { readonly time: Time; readonly event: E }

const line = <E extends string>(event: E): { readonly time: t.Type<Time>; readonly event: t.Type<E> } => ({
  time: Time,
  event: t.literal(event),
})

/** What every line says of a claim. */
type OfClaim = { readonly task_id: TaskId; readonly worker: WorkerName; readonly token: number }

const ofClaim: FieldsOf<OfClaim> = { task_id: TaskId, worker: WorkerName, token: Seq }

type OfTask = OfClaim & { readonly kind: Kind }

const ofTask: FieldsOf<OfTask> = { ...ofClaim, kind: Kind }

type Took = { readonly took_ms: number }

const took: FieldsOf<Took> = { took_ms: Milliseconds }

type Claimed = Line<'claimed'> & OfTask & { readonly attempt: number; readonly lease_until: Time | null }

const ClaimedLine = view<Claimed>('claimed line', 'the worker has claimed a task, and its command is started', {
  ...line('claimed'),
  ...ofTask,
  attempt: Attempt,
  lease_until: orNull(Time),
})

const ProgressedLine = view<Line<'progressed'> & OfClaim & { readonly progress: Json }>(
  'progressed line',
  'somebody has said how far the task is: its command, as a rule',
  { ...line('progressed'), ...ofClaim, progress: Json },
)

const CompletedLine = view<Line<'completed'> & OfTask & Took & { readonly result?: Json }>(
  'completed line',
  'the command has exited with 0, and the task is done',
  { ...line('completed'), ...ofTask, ...took, result: optional(Json) },
)

type Failed = Line<'failed'> &
  OfTask &
  Took & { readonly status: Status; readonly error?: string; readonly retry_at?: Time }

const FailedLine = view<Failed>(
  'failed line',
  'the attempt has failed; the status says whether the task has, and retry_at when the next attempt may start',
  { ...line('failed'), ...ofTask, ...took, status: StatusWord, error: optional(Text), retry_at: optional(Time) },
)

const ReleasedLine = view<Line<'released'> & OfTask & Took>(
  'released line',
  'the task was given back, and the attempt does not count',
  { ...line('released'), ...ofTask, ...took },
)

const LostLine = view<Line<'lost'> & OfClaim & Took & { readonly why: string }>(
  'lost line',
  "the claim was over without the worker's settling it; its command was stopped, and nothing was settled",
  { ...line('lost'), ...ofClaim, ...took, why: t.string },
)

type Delayed = Line<'delayed'> & {
  readonly task_id?: TaskId
  readonly error: CliErrorWord
  readonly message: string
}

const DelayedLine = view<Delayed>('delayed line', 'something came in between, and is tried again', {
  ...line('delayed'),
  task_id: optional(TaskId),
  error: t.keyof(exitCodes),
  message: t.string,
})

export const WorkEventCodec = named(
  'what has happened to a worker: one line of claimlog work --json',
  t.union([ClaimedLine, ProgressedLine, CompletedLine, FailedLine, ReleasedLine, LostLine, DelayedLine]),
)
