import * as t from 'io-ts'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Count, eventCodecs, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { object, oneOf, optional } from './object.ts'
import { Amount } from './task.ts'

export const EventSummary = object('event summary', 'an event in short', {
  seq: Seq,
  event: t.keyof(eventCodecs),
  task_id: optional(TaskId),
  worker: optional(t.string),
  time: Time,
})
/** An event in short. */
export type EventSummary = t.TypeOf<typeof EventSummary>

const CopyView = object('copy', 'one of the two copies: where it ends, and the events that the other does not have', {
  path: t.string,
  seq: Seq,
  events: listOf(EventSummary, 'events'),
})

const RefusedStep = object('refused step', 'why the rules said no', { error: t.string, message: Text })

export const StepView = object(
  'step',
  'what an event of the other copy, with that seq, comes to here; refused: why not to what was planned; made_seq: the event that it became',
  {
    seq: Seq,
    task_id: TaskId,
    action: oneOf(['add', 'complete', 'hold', 'cancel', 'note', 'none']),
    worker: optional(WorkerName),
    text: optional(Text),
    refused: optional(RefusedStep),
    made_seq: optional(Seq),
  },
)
/** What an event of the other copy came to here, or would. `seq`: that event's; `made_seq`: of the event it became. */
export type StepView = t.TypeOf<typeof StepView>

export const RuleView = object(
  'rule left out',
  'a rule of a kind that only the other copy has, by its event there; limit: null where there is none any more',
  {
    seq: Seq,
    event: oneOf(['paused', 'resumed', 'limited']),
    kind: t.string,
    limit: optional(orNull(Count)),
    reason: optional(Text),
    by: optional(t.string),
  },
)
/** A rule of a kind that only the other copy has: it is not brought over. `limit` of null: there is none. */
export type RuleView = t.TypeOf<typeof RuleView>

const GivenView = object('given token', 'to whom, and for what', { worker: WorkerName, task_id: TaskId })

export const TwiceGivenView = object('token given twice', 'a token that both copies gave', {
  token: Seq,
  here: GivenView,
  there: GivenView,
})
/** A token that both copies gave. */
export type TwiceGivenView = t.TypeOf<typeof TwiceGivenView>

export const ReconcileView = object(
  'reconcile',
  'two copies of one log, what each has of its own, and what was brought over or, where not reconciled, would be; seq: where this log ends',
  {
    ok: t.literal(true),
    reconciled: t.boolean,
    workspace: t.string,
    common_seq: Amount,
    here: CopyView,
    there: CopyView,
    /** The other copy's lines were taken over as they are. */
    appended: t.boolean,
    steps: listOf(StepView, 'steps'),
    rules_left_out: listOf(RuleView, 'rules left out'),
    tokens_given_twice: listOf(TwiceGivenView, 'tokens given twice'),
    seq: Seq,
  },
)
/** What `reconcile` prints. */
export type ReconcileView = t.TypeOf<typeof ReconcileView>
