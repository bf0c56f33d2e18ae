import * as t from 'io-ts'
import { listOf, Text } from '@claimlog/codecs'
import { Kind, type KindWaiting, type MoreWaiting, TaskId, Time } from '@claimlog/domain'
import { Amount, GuardView } from '@claimlog/wire/documents'
import { type CliErrorWord, exitCodes } from '@claimlog/wire'
import { type FieldsOf, named, openView, optional, view } from './view-codec.ts'

/** What every refusal says. */
type Problem<W extends CliErrorWord> = {
  readonly ok: false
  readonly error: W
  readonly message: string
  readonly hint: string
}

const Waiting = view<KindWaiting>(
  'waiting kind',
  'how many tasks of a kind wait for what; ready ones wait for the kind alone, which is closed',
  {
    kind: Kind,
    closed: optional(t.keyof({ paused: null, full: null })),
    ready: Amount,
    claimed: Amount,
    due: Amount,
    blocked: Amount,
  },
)

const MoreWaitingCodec = view<MoreWaiting>(
  'more waiting kinds',
  'how many kinds with work are not listed, and how many of their tasks wait for what',
  { kinds: Amount, claimed: Amount, due: Amount, blocked: Amount },
)

type WaitingTask = {
  readonly task_id: TaskId
  readonly guards: ReadonlyArray<GuardView>
  readonly more_guards?: number
}

const WaitingTaskCodec = view<WaitingTask>(
  'waiting task',
  'a task, with what stands in its way, and how many things more',
  {
    task_id: TaskId,
    guards: listOf(GuardView, 'guards'),
    more_guards: optional(Amount),
  },
)

type WhyNone = Omit<Problem<'no_ready_task'>, 'ok'> & {
  readonly kinds: ReadonlyArray<Kind>
  readonly paused?: ReadonlyArray<Kind>
  readonly full?: ReadonlyArray<Kind>
  readonly next_at?: Time
  readonly waiting?: ReadonlyArray<KindWaiting>
  readonly more_waiting?: MoreWaiting
  readonly tasks?: ReadonlyArray<WaitingTask>
}

const whyNone: FieldsOf<WhyNone> = {
  error: t.literal('no_ready_task'),
  message: Text,
  hint: Text,
  kinds: listOf(Kind, 'kinds'),
  paused: optional(listOf(Kind, 'paused kinds')),
  full: optional(listOf(Kind, 'full kinds')),
  next_at: optional(Time),
  waiting: optional(listOf(Waiting, 'waiting kinds')),
  more_waiting: optional(MoreWaitingCodec),
  tasks: optional(listOf(WaitingTaskCodec, 'waiting tasks')),
}

/** Why no next task was claimed, in an answer that is none the less `ok`. */
export const NoNextCodec = view<WhyNone>(
  'no next task',
  'why there is no next task: what a claim at the same moment would have been refused with',
  whyNone,
)

type NoReadyTask = WhyNone & { readonly ok: false }

const NoReadyTaskCodec = view<NoReadyTask>(
  'no ready task',
  'there is nothing to claim now among the kinds asked for; next_at is when that may change by itself',
  { ok: t.literal(false), ...whyNone },
)

type OtherWord = Exclude<CliErrorWord, 'no_ready_task'>

const otherWords = Object.fromEntries(
  Object.entries(exitCodes).filter(([word]) => word !== 'no_ready_task'),
) as Readonly<Record<OtherWord, number>>

const OtherProblemCodec = openView<Problem<OtherWord>>('other problem', 'any other no, with data that explains it', {
  ok: t.literal(false),
  error: t.keyof(otherWords),
  message: Text,
  hint: Text,
})

export const ProblemCodec = named<NoReadyTask | Problem<OtherWord>>(
  'why a command was not carried out: a stable word, what happened and why, and what to do next; nothing was changed, unless the word is outcome_unknown',
  t.union([NoReadyTaskCodec, OtherProblemCodec]),
)
