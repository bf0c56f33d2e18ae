import * as t from 'io-ts'
import { listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
import { Count, Kind, Label, maxAhead, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import type { ClearingView, GuardView, WhyView } from '@claimlog/wire'
import type { explained } from '../render/guard-words.ts'
import { Amount, StatusWord } from './task-codecs.ts'
import { type FieldsOf, named, optional, view } from './view-codec.ts'

const Clearing = named<ClearingView>(
  'what takes a guard away: a moment that comes by itself, or an event about a task or a kind',
  t.union(
    [
      view<Extract<ClearingView, { readonly at: Time }>>('moment', 'it ends by itself', { at: Time }),
      view<Extract<ClearingView, { readonly task_id: TaskId }>>('event on a task', 'somebody must say so of a task', {
        event: t.string,
        task_id: TaskId,
      }),
      view<Extract<ClearingView, { readonly kind: Kind }>>('event on a kind', 'somebody must say so of a kind', {
        event: t.string,
        kind: Kind,
      }),
    ],
    'clearing',
  ),
)

const guards: Readonly<Record<GuardView['guard'], null>> = {
  finished: null,
  held: null,
  need: null,
  claimed: null,
  attempts: null,
  not_due: null,
  paused: null,
  full: null,
}

const guardFields: FieldsOf<GuardView> = {
  guard: t.keyof(guards),
  seq: Seq,
  since: Time,
  status: optional(StatusWord),
  need: optional(TaskId),
  worker: optional(WorkerName),
  token: optional(Seq),
  attempts: optional(Amount),
  waits_for: optional(t.keyof({ not_before: null, retry: null })),
  kind: optional(Kind),
  limit: optional(Count),
  until: optional(orNull(Time)),
  reason: optional(Text),
  by: optional(Label),
  cleared_by: listOf(Clearing, 'clearings'),
}

export const GuardCodec = view<GuardView>(
  'guard',
  'one thing that stands in the way of claiming a task; seq is the event that put it there',
  guardFields,
)

type ExplainedGuard = ReturnType<typeof explained>

const ExplainedGuardCodec = view<ExplainedGuard>(
  'explained guard',
  'one thing that stands in the way of claiming a task, in words too',
  { ...guardFields, message: Text, hint: Text },
)

/** What `why` prints: the view, with each guard in words. */
export const WhyCodec = view<Omit<WhyView, 'guards'> & { readonly guards: ReadonlyArray<ExplainedGuard> }>(
  'why',
  'whether a task can be claimed, and if not, all that stands in its way, the gravest first',
  {
    task_id: TaskId,
    kind: Kind,
    status: StatusWord,
    claimable: t.boolean,
    ahead: optional(wholeNumber('tasks ahead', 0, maxAhead)),
    guards: listOf(ExplainedGuardCodec, 'guards'),
    seq: Seq,
  },
)
