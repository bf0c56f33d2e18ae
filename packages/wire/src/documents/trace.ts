import * as t from 'io-ts'
import { Json, listOf, orNull, Text } from '@claimlog/codecs'
import { Attempt, eventCodecs, Kind, Label, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { named, object, oneOf, optional } from './object.ts'
import { Milliseconds, StatusWord } from './task.ts'

const lanes = ['waiting', 'running', 'retrying', 'held'] as const

const PhaseWord = named('what a task is doing between two steps of its history', oneOf([...lanes, 'finished'], 'phase'))

/** The fields of a step, for whatever shows one with more beside them. */
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
  lease_until: optional(orNull(Time)),
  retry_at: optional(orNull(Time)),
  error: optional(Text),
  reason: optional(Text),
  text: optional(Text),
  /** What an amendment said, in the spelling of files. */
  changes: optional(t.record(t.string, Json)),
  progress: optional(Json),
  result: optional(Json),
}

export const TraceStep = object(
  'step',
  'an event of the log or, as lapsed, the end of a lease that nobody renewed',
  stepFields,
)
/**
 * One step of a task's history: an event of the log or, as `lapsed`, the end of a lease that nobody renewed. `phase`
 * says what the task was doing until then and `after_ms` for how long; the first step has neither.
 *
 * @interface
 */
export type TraceStep = t.TypeOf<typeof TraceStep>

const ProgressNote = object('progress', 'how far the worker said it is', { time: Time, progress: Json })

const Note = object('note', 'a remark', { time: Time, text: Text, by: optional(Label) })

export const Lane = object(
  'lane',
  "a stretch of a task's life in which it did one thing; without until it goes on; ended_by is whoever ended it, where that was not its own worker",
  {
    lane: oneOf(lanes),
    from: Time,
    /** Absent: it goes on. */
    until: optional(Time),
    /** Until its end or, where it goes on, until now; never below 0. */
    ms: Milliseconds,
    /** Of a running lane, whose it is. A late renewal begins another with the same three. */
    attempt: optional(Attempt),
    worker: optional(WorkerName),
    token: optional(Seq),
    /** Who put it aside, or had it retried, and why: what began this lane. */
    by: optional(Label),
    reason: optional(Text),
    /** Of a lane that a failure began: when the next attempt may start. */
    retry_at: optional(Time),
    end: optional(
      oneOf(['claimed', 'renewed', 'completed', 'failed', 'released', 'held', 'unheld', 'cancelled', 'lapsed']),
    ),
    /** Who ended it, where that was not its own worker: the next to claim it, a late holder, who gave the order. */
    ended_by: optional(Label),
    /** Of a lane that was ended by `failed`. */
    error: optional(Text),
    /** Why it was given back, put back or cancelled. Why it was put aside is the next lane's `reason`. */
    end_reason: optional(Text),
    /** Of a lane whose lease ended: the worker of the claim that followed, where the late holder did not come first. */
    taken_over_by: optional(WorkerName),
    progress: optional(listOf(ProgressNote, 'progress')),
    notes: optional(listOf(Note, 'notes')),
  },
)
/**
 * A stretch of a task's life in which it did one thing. Lanes follow each other without a gap, except while the task was
 * finished and until a retry. Fields only where they have a value.
 *
 * `waiting`: for its first attempt, or after it was given back, put back or retried. `retrying`: for another attempt,
 * after one failed or its lease ended; until somebody else claims it the late holder may end this lane too.
 *
 * @interface
 */
export type Lane = t.TypeOf<typeof Lane>

export const TraceView = object(
  'trace',
  "one task's history: its steps, the lanes they divide it into, and how long each kind of lane took in all",
  {
    task_id: TaskId,
    kind: Kind,
    status: StatusWord,
    steps: listOf(TraceStep, 'steps'),
    lanes: listOf(Lane, 'lanes'),
    /** What it is doing since the last step. */
    phase: PhaseWord,
    /** What its lanes took, by their names. */
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
export type TraceView = t.TypeOf<typeof TraceView>
