import * as t from 'io-ts'
import { listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
import { Count, Kind, Label, maxAhead, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { named, object, oneOf, optional } from './object.ts'
import { Amount, StatusWord } from './task.ts'

export const ClearingView = named(
  'what takes a guard away: a moment that comes by itself, or an event about a task or a kind',
  t.union(
    [
      object('moment', 'it ends by itself', { at: Time }),
      object('event on a task', 'somebody must say so of a task', { event: t.string, task_id: TaskId }),
      object('event on a kind', 'somebody must say so of a kind', { event: t.string, kind: Kind }),
    ],
    'clearing',
  ),
)
/** What takes a guard away, in the spelling of files. */
export type ClearingView = t.TypeOf<typeof ClearingView>

const guardFields = {
  guard: oneOf(['finished', 'held', 'need', 'claimed', 'attempts', 'not_due', 'paused', 'full']),
  /** The event that put it there, and when. */
  seq: Seq,
  since: Time,
  status: optional(StatusWord),
  need: optional(TaskId),
  worker: optional(WorkerName),
  token: optional(Seq),
  attempts: optional(Amount),
  waits_for: optional(oneOf(['not_before', 'retry'])),
  kind: optional(Kind),
  limit: optional(Count),
  until: optional(orNull(Time)),
  reason: optional(Text),
  by: optional(Label),
  cleared_by: listOf(ClearingView, 'clearings'),
}

export const GuardView = object(
  'guard',
  'one thing that stands in the way of claiming a task; seq is the event that put it there',
  guardFields,
)
/**
 * A guard in the spelling of files; which fields it has depends on which `guard` it is.
 *
 * @interface
 */
export type GuardView = t.TypeOf<typeof GuardView>

export const ExplainedGuard = object(
  'explained guard',
  'one thing that stands in the way of claiming a task, in words too',
  { ...guardFields, message: Text, hint: Text },
)
/** A guard, in words too. */
export type ExplainedGuard = t.TypeOf<typeof ExplainedGuard>

const whyFields = {
  task_id: TaskId,
  kind: Kind,
  status: StatusWord,
  claimable: t.boolean,
  ahead: optional(wholeNumber('tasks ahead', 0, maxAhead)),
}

const why = 'whether a task can be claimed, and if not, all that stands in its way, the gravest first'

export const WhyView = object('why view', why, { ...whyFields, guards: listOf(GuardView, 'guards'), seq: Seq })
/**
 * Whether a task can be claimed, and if not, all that stands in its way, the gravest first. `ahead`: how many tasks of
 * its kind would be handed out before it; at most 999 are counted.
 *
 * @interface
 */
export type WhyView = t.TypeOf<typeof WhyView>

export const ExplainedWhy = object('why', why, {
  ...whyFields,
  guards: listOf(ExplainedGuard, 'guards'),
  seq: Seq,
})
/** What `why` prints: the view, with each guard in words. */
export type ExplainedWhy = t.TypeOf<typeof ExplainedWhy>
