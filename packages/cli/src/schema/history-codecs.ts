import * as t from 'io-ts'
import { Json, listOf, orNull, Text } from '@claimlog/codecs'
import { Attempt, eventCodecs, Kind, Label, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import type { DiffView, FieldChange, Lane, TraceStep, TraceView } from '@claimlog/wire'
import { Milliseconds, StatusWord } from './task-codecs.ts'
import { type FieldsOf, named, optional, view } from './view-codec.ts'

const phases = { waiting: null, running: null, retrying: null, held: null } as const

const Phase = named<TraceView['phase']>(
  'what a task is doing between two steps of its history',
  t.keyof({ ...phases, finished: null }, 'phase'),
)

/** The fields of a step, for whatever shows one with more beside them. */
export const stepFields: FieldsOf<TraceStep> = {
  seq: optional(Seq),
  time: Time,
  event: t.keyof({ ...eventCodecs, lapsed: null }),
  phase: optional(Phase),
  after_ms: optional(Milliseconds),
  worker: optional(WorkerName),
  by: optional(Label),
  token: optional(Seq),
  attempt: optional(Attempt),
  lease_until: optional(orNull(Time)),
  retry_at: optional(orNull(Time)),
  error: optional(Text),
  reason: optional(Text),
  text: optional(Text),
  changes: optional(t.record(t.string, Json)),
  progress: optional(Json),
  result: optional(Json),
}

const Step = view<TraceStep>(
  'step',
  'an event of the log or, as lapsed, the end of a lease that nobody renewed',
  stepFields,
)

type Progress = NonNullable<Lane['progress']>[number]
type Note = NonNullable<Lane['notes']>[number]

const ProgressCodec = view<Progress>('progress', 'how far the worker said it is', { time: Time, progress: Json })

const NoteCodec = view<Note>('note', 'a remark', { time: Time, text: Text, by: optional(Label) })

const ends: Readonly<Record<NonNullable<Lane['end']>, null>> = {
  claimed: null,
  renewed: null,
  completed: null,
  failed: null,
  released: null,
  held: null,
  unheld: null,
  cancelled: null,
  lapsed: null,
}

const LaneCodec = view<Lane>(
  'lane',
  "a stretch of a task's life in which it did one thing; without until it goes on; ended_by is whoever ended it, where that was not its own worker",
  {
    lane: t.keyof(phases),
    from: Time,
    until: optional(Time),
    ms: Milliseconds,
    attempt: optional(Attempt),
    worker: optional(WorkerName),
    token: optional(Seq),
    by: optional(Label),
    reason: optional(Text),
    retry_at: optional(Time),
    end: optional(t.keyof(ends)),
    ended_by: optional(Label),
    error: optional(Text),
    end_reason: optional(Text),
    taken_over_by: optional(WorkerName),
    progress: optional(listOf(ProgressCodec, 'progress')),
    notes: optional(listOf(NoteCodec, 'notes')),
  },
)

export const TraceCodec = view<TraceView>(
  'trace',
  "one task's history: its steps, the lanes they divide it into, and how long each kind of lane took in all",
  {
    task_id: TaskId,
    kind: Kind,
    status: StatusWord,
    steps: listOf(Step, 'steps'),
    lanes: listOf(LaneCodec, 'lanes'),
    phase: Phase,
    waited_ms: Milliseconds,
    ran_ms: Milliseconds,
    retrying_ms: Milliseconds,
    held_ms: Milliseconds,
    seq: Seq,
  },
)

const Moment = view<DiffView['from']>('moment', 'after the event of that seq', { seq: Seq, time: Time })

const Change = view<FieldChange>(
  'change',
  'one field that is not what it was; from or to is absent where it has none',
  {
    field: t.string,
    from: optional(Json),
    to: optional(Json),
  },
)

const changes: FieldsOf<DiffView['kinds'][number]> = { kind: Kind, changes: listOf(Change, 'changes') }

const ChangedTask = view<DiffView['tasks'][number]>('changed task', 'what became of a task; added: it was not there', {
  id: TaskId,
  added: t.boolean,
  ...changes,
})

const ChangedKind = view<DiffView['kinds'][number]>('changed kind', "what became of a kind's rules", changes)

export const DiffCodec = view<DiffView>('diff', 'what changed from one moment to a later one', {
  from: Moment,
  to: Moment,
  tasks: listOf(ChangedTask, 'changed tasks'),
  kinds: listOf(ChangedKind, 'changed kinds'),
})
