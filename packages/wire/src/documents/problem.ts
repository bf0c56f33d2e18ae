import * as t from 'io-ts'
import { listOf, Text } from '@claimlog/codecs'
import { Kind, type KindWaiting, type MoreWaiting, TaskId, Time } from '@claimlog/domain'
import { type CliErrorWord, exitCodes } from '../error-codes.ts'
import { GuardView } from './guard.ts'
import { type AsItIs, named, object, oneOf, openObject, optional } from './object.ts'
import { Amount } from './task.ts'

const WaitingKind = object(
  'waiting kind',
  'how many tasks of a kind wait for what; ready ones wait for the kind alone, which is closed',
  {
    kind: Kind,
    closed: optional(oneOf(['paused', 'full'])),
    ready: Amount,
    claimed: Amount,
    due: Amount,
    blocked: Amount,
  },
)
/** How many tasks of a kind wait for what. */
type WaitingKind = AsItIs<KindWaiting, t.TypeOf<typeof WaitingKind>>

const MoreWaitingKinds = object(
  'more waiting kinds',
  'how many kinds with work are not listed, and how many of their tasks wait for what',
  { kinds: Amount, claimed: Amount, due: Amount, blocked: Amount },
)
/** How many kinds are not listed, and how many of their tasks wait for what. */
type MoreWaitingKinds = AsItIs<MoreWaiting, t.TypeOf<typeof MoreWaitingKinds>>

const WaitingTask = object('waiting task', 'a task, with what stands in its way, and how many things more', {
  task_id: TaskId,
  guards: listOf(GuardView, 'guards'),
  more_guards: optional(Amount),
})
/** A task, with what stands in its way, and how many things more. */
export type WaitingTask = t.TypeOf<typeof WaitingTask>

const noNextFields = {
  error: t.literal('no_ready_task'),
  message: Text,
  hint: Text,
  kinds: listOf(Kind, 'kinds'),
  paused: optional(listOf(Kind, 'paused kinds')),
  full: optional(listOf(Kind, 'full kinds')),
  next_at: optional(Time),
  waiting: optional(listOf(WaitingKind, 'waiting kinds')),
  more_waiting: optional(MoreWaitingKinds),
  tasks: optional(listOf(WaitingTask, 'waiting tasks')),
}

/** Why no next task was claimed, in an answer that is none the less `ok`. */
export const NoNextTask = object(
  'no next task',
  'why there is no next task: what a claim at the same moment would have been refused with',
  noNextFields,
)
/** Why no next task was claimed: an error word, what to do, and what the kinds asked for wait for. */
export type NoNextTask = t.TypeOf<typeof NoNextTask>

const NoReadyTask = object(
  'no ready task',
  'there is nothing to claim now among the kinds asked for; next_at is when that may change by itself',
  { ok: t.literal(false), ...noNextFields },
)

const isOtherWord = (word: string): word is Exclude<CliErrorWord, 'no_ready_task'> => word !== 'no_ready_task'

const OtherProblem = openObject('other problem', 'any other no, with data that explains it', {
  ok: t.literal(false),
  error: oneOf(Object.keys(exitCodes).filter(isOtherWord)),
  message: Text,
  hint: Text,
})

/** What a command prints that is not carried out. */
export const Problem = named(
  'why a command was not carried out: a stable word, what happened and why, and what to do next; nothing was changed, unless the word is outcome_unknown',
  t.union([NoReadyTask, OtherProblem]),
)
