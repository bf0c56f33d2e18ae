import * as t from 'io-ts'
import { listCodec, nullable, Text } from '@claimlog/codecs'
import { Count, eventCodecs, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { object, enumCodec, optional } from './object.ts'
import { Amount } from './task.ts'
import type { View } from './view.ts'

export const EventSummary = object('event summary', 'an event in short', {
  seq: Seq,
  event: t.keyof(eventCodecs),
  task_id: optional(TaskId),
  worker: optional(t.string),
  time: Time,
})
/** A short form of an event. */
export type EventSummary = View<typeof EventSummary>

const CopyView = object('copy', 'one of the two copies: its last seq, and the events that only it has', {
  path: t.string,
  seq: Seq,
  events: listCodec(EventSummary, 'events'),
})

const RefusedStep = object('refused step', 'why the rules refused it', { error: t.string, message: Text })

export const StepView = object(
  'step',
  'the action here for the event of the other copy with that seq; refused: why the action failed; made_seq: the new event here',
  {
    seq: Seq,
    task_id: TaskId,
    action: enumCodec(['add', 'complete', 'hold', 'cancel', 'note', 'none']),
    worker: optional(WorkerName),
    text: optional(Text),
    refused: optional(RefusedStep),
    made_seq: optional(Seq),
  },
)
/** The action here for an event of the other copy. `seq`: of that event; `made_seq`: of the new event here. */
export type StepView = View<typeof StepView>

export const RuleView = object(
  'rule left out',
  'a rule of a kind that only the other copy has, by its event there; limit: null if the limit was removed',
  {
    seq: Seq,
    event: enumCodec(['paused', 'resumed', 'limited']),
    kind: t.string,
    limit: optional(nullable(Count)),
    reason: optional(Text),
    by: optional(t.string),
  },
)
/** A rule of a kind that only the other copy has; it is not brought over. `limit`: null for no limit. */
export type RuleView = View<typeof RuleView>

const TokenGrantView = object('given token', 'the worker and the task that a token was granted for', {
  worker: WorkerName,
  task_id: TaskId,
})

export const DuplicateTokenView = object('token given twice', 'a token that both copies granted', {
  token: Seq,
  here: TokenGrantView,
  there: TokenGrantView,
})
/** A token that both copies granted. */
export type DuplicateTokenView = View<typeof DuplicateTokenView>

export const ReconcileView = object(
  'reconcile',
  'two copies of one log, the events that only one of them has, and what was brought over or, if not reconciled, would be; seq: the last event of this log',
  {
    ok: t.literal(true),
    reconciled: t.boolean,
    workspace: t.string,
    common_seq: Amount,
    here: CopyView,
    there: CopyView,
    /** True if the lines of the other copy were appended unchanged. */
    appended: t.boolean,
    steps: listCodec(StepView, 'steps'),
    rules_left_out: listCodec(RuleView, 'rules left out'),
    tokens_given_twice: listCodec(DuplicateTokenView, 'tokens given twice'),
    seq: Seq,
  },
)
/** The output of `reconcile`. */
export type ReconcileView = View<typeof ReconcileView>
