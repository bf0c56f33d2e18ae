import * as t from 'io-ts'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Count, eventCodecs, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { Amount } from '@claimlog/wire/documents'
import type { EventSummary } from '../render/event-summary.ts'
import type { ReconcileView, RuleView, StepView, TwiceGivenView } from '../commands/reconcile/reconcile-view.ts'
import { optional, view } from './view-codec.ts'

const SummaryCodec = view<EventSummary>('event summary', 'an event in short', {
  seq: Seq,
  event: t.keyof(eventCodecs),
  task_id: optional(TaskId),
  worker: optional(t.string),
  time: Time,
})

const CopyCodec = view<ReconcileView['here']>(
  'copy',
  'one of the two copies: where it ends, and the events that the other does not have',
  { path: t.string, seq: Seq, events: listOf(SummaryCodec, 'events') },
)

const actions: Readonly<Record<StepView['action'], null>> = {
  ...{ add: null, complete: null, hold: null, cancel: null, note: null, none: null },
}

const StepCodec = view<StepView>(
  'step',
  'what an event of the other copy, with that seq, comes to here; refused: why not to what was planned; made_seq: the event that it became',
  {
    seq: Seq,
    task_id: TaskId,
    action: t.keyof(actions),
    worker: optional(WorkerName),
    text: optional(Text),
    refused: optional(
      view<Exclude<StepView['refused'], undefined>>('refused step', 'why the rules said no', {
        error: t.string,
        message: Text,
      }),
    ),
    made_seq: optional(Seq),
  },
)

const RuleCodec = view<RuleView>(
  'rule left out',
  'a rule of a kind that only the other copy has, by its event there; limit: null where there is none any more',
  {
    seq: Seq,
    event: t.keyof({ paused: null, resumed: null, limited: null }),
    kind: t.string,
    limit: optional(orNull(Count)),
    reason: optional(Text),
    by: optional(t.string),
  },
)

const GivenCodec = view<TwiceGivenView['here']>('given token', 'to whom, and for what', {
  worker: WorkerName,
  task_id: TaskId,
})

const TwiceGivenCodec = view<TwiceGivenView>('token given twice', 'a token that both copies gave', {
  token: Seq,
  here: GivenCodec,
  there: GivenCodec,
})

export const ReconcileCodec = view<ReconcileView>(
  'reconcile',
  'two copies of one log, what each has of its own, and what was brought over or, where not reconciled, would be; seq: where this log ends',
  {
    ok: t.literal(true),
    reconciled: t.boolean,
    workspace: t.string,
    common_seq: Amount,
    here: CopyCodec,
    there: CopyCodec,
    appended: t.boolean,
    steps: listOf(StepCodec, 'steps'),
    rules_left_out: listOf(RuleCodec, 'rules left out'),
    tokens_given_twice: listOf(TwiceGivenCodec, 'tokens given twice'),
    seq: Seq,
  },
)
