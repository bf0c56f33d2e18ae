import * as t from 'io-ts'
import { listCodec, nullable, Text, wholeNumber } from '@claimlog/codecs'
import { Count, Kind, Label, aheadMax, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { describeCodec, object, enumCodec, optional } from './object.ts'
import { Amount, StatusWord } from './task.ts'
import type { View } from './view.ts'

export const ClearingView = describeCodec(
  'what clears a guard: a time that passes, or an event on a task or a kind',
  t.union(
    [
      object('moment', 'it clears by itself at this time', { at: Time }),
      object('event on a task', 'an event on a task must be recorded', { event: t.string, task_id: TaskId }),
      object('event on a kind', 'an event on a kind must be recorded', { event: t.string, kind: Kind }),
    ],
    'clearing',
  ),
)
/** The event or the time that clears a guard. */
export type ClearingView = View<typeof ClearingView>

const guardFields = {
  guard: enumCodec(['finished', 'held', 'need', 'claimed', 'attempts', 'not_due', 'paused', 'full']),
  /** The event that caused it, and its time. */
  seq: Seq,
  since: Time,
  status: optional(StatusWord),
  need: optional(TaskId),
  worker: optional(WorkerName),
  token: optional(Seq),
  attempts: optional(Amount),
  waits_for: optional(enumCodec(['not_before', 'retry'])),
  kind: optional(Kind),
  limit: optional(Count),
  until: optional(nullable(Time)),
  reason: optional(Text),
  by: optional(Label),
  cleared_by: listCodec(ClearingView, 'clearings'),
}

export const GuardView = object(
  'guard',
  'a reason why a task cannot be claimed; seq is the event that caused it',
  guardFields,
)
/**
 * A reason why a task cannot be claimed. The fields depend on `guard`.
 *
 * @interface
 */
export type GuardView = View<typeof GuardView>

export const ExplainedGuard = object(
  'explained guard',
  'a reason why a task cannot be claimed, with a message and a hint',
  { ...guardFields, message: Text, hint: Text },
)
/** A guard with a message and a hint. */
export type ExplainedGuard = View<typeof ExplainedGuard>

const whyFields = {
  task_id: TaskId,
  kind: Kind,
  status: StatusWord,
  claimable: t.boolean,
  ahead: optional(wholeNumber('tasks ahead', 0, aheadMax)),
}

const whyDescription = 'whether a task can be claimed, and if not, all reasons, the most serious first'

export const WhyView = object('why view', whyDescription, {
  ...whyFields,
  guards: listCodec(GuardView, 'guards'),
  seq: Seq,
})
/**
 * States whether a task can be claimed, and if not, all reasons, the most serious first. `ahead`: the number of tasks
 * of its kind that would be claimed before it; at most 999 are counted.
 *
 * @interface
 */
export type WhyView = View<typeof WhyView>

export const ExplainedWhy = object('why', whyDescription, {
  ...whyFields,
  guards: listCodec(ExplainedGuard, 'guards'),
  seq: Seq,
})
/** The output of `why`: the view, with a message and a hint for each guard. */
export type ExplainedWhy = View<typeof ExplainedWhy>
