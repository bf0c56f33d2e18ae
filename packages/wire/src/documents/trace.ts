import * as t from 'io-ts'
import { Json, listCodec, nullable, Text } from '@claimlog/codecs'
import { Attempt, eventCodecs, Kind, Label, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { describeCodec, object, enumCodec, optional } from './object.ts'
import { Milliseconds, StatusWord } from './task.ts'
import type { View } from './view.ts'

const lanes = ['waiting', 'running', 'retrying', 'held'] as const

const PhaseWord = describeCodec(
  'the phase of a task between two steps of its history',
  enumCodec([...lanes, 'finished'], 'phase'),
)

/** The fields of a step, for documents that add more fields. */
export const stepFields = {
  seq: optional(Seq),
  time: Time,
  event: t.keyof({ ...eventCodecs, lapsed: null }),
  phase: optional(PhaseWord),
  after_ms: optional(Milliseconds),
  worker: optional(WorkerName),
  by: optional(Label),
  token: optional(Seq),
  attempt: optional(Attempt),
  lease_until: optional(nullable(Time)),
  retry_at: optional(nullable(Time)),
  error: optional(Text),
  /** The place in the worker's program that threw the error. */
  stack: optional(Text),
  reason: optional(Text),
  text: optional(Text),
  /** The fields that an amendment changed. */
  changes: optional(t.record(t.string, Json)),
  progress: optional(Json),
  result: optional(Json),
}

export const TraceStepView = object('step', 'an event of the log or, as lapsed, the expiry of a lease', stepFields)
/**
 * One step of a task's history: an event of the log or, as `lapsed`, the expiry of a lease. `phase` is the phase before
 * the step and `after_ms` its length; the first step has neither.
 *
 * @interface
 */
export type TraceStepView = View<typeof TraceStepView>

const ProgressNote = object('progress', 'progress that a worker reported', { time: Time, progress: Json })

const Note = object('note', 'a note', { time: Time, text: Text, by: optional(Label) })

export const LaneView = object(
  'lane',
  'a period of the history of a task in one phase; without until it still lasts; ended_by is who ended it, if not its own worker',
  {
    lane: enumCodec(lanes),
    from: Time,
    /** Absent if the lane still lasts. */
    until: optional(Time),
    /** Its length until its end or, if it still lasts, until now; never below 0. */
    ms: Milliseconds,
    /** The claim of a running lane. A late renewal starts another lane with the same claim. */
    attempt: optional(Attempt),
    worker: optional(WorkerName),
    token: optional(Seq),
    /** The author and reason of the hold or retry that started this lane. */
    by: optional(Label),
    reason: optional(Text),
    /** For a lane that a failure started: the time from which the next attempt may start. */
    retry_at: optional(Time),
    end: optional(
      enumCodec(['claimed', 'renewed', 'completed', 'failed', 'released', 'held', 'unheld', 'cancelled', 'lapsed']),
    ),
    /** The one who ended it, if not its own worker: the next worker, a late holder, or the author of a command. */
    ended_by: optional(Label),
    /** For a lane that ended with `failed`. */
    error: optional(Text),
    /** The place in the worker's program that threw that error. */
    stack: optional(Text),
    /** Why it was released, unheld or cancelled. The reason for a hold is the `reason` of the next lane. */
    end_reason: optional(Text),
    /** For a lane whose lease expired: the worker of the next claim, unless the late holder acted first. */
    taken_over_by: optional(WorkerName),
    progress: optional(listCodec(ProgressNote, 'progress')),
    notes: optional(listCodec(Note, 'notes')),
  },
)
/**
 * A period of a task's history in one phase. Lanes follow each other without a gap, except while the task was finished
 * and until a retry. Fields are absent if they have no value.
 *
 * `waiting`: for its first attempt, or after it was released, unheld or retried. `retrying`: for another attempt, after
 * one failed or its lease expired; until another worker claims the task the late holder may end this lane too.
 *
 * @interface
 */
export type LaneView = View<typeof LaneView>

export const TraceView = object(
  'trace',
  'the history of a task: its steps, its lanes, and the total time in each kind of lane',
  {
    task_id: TaskId,
    kind: Kind,
    status: StatusWord,
    steps: listCodec(TraceStepView, 'steps'),
    lanes: listCodec(LaneView, 'lanes'),
    /** The phase since the last step. */
    phase: PhaseWord,
    /** The total time in each kind of lane. */
    waited_ms: Milliseconds,
    ran_ms: Milliseconds,
    retrying_ms: Milliseconds,
    held_ms: Milliseconds,
    seq: Seq,
  },
)
/**
 * The history of a task.
 *
 * @interface
 */
export type TraceView = View<typeof TraceView>
