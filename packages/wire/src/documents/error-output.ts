import * as t from 'io-ts'
import { listCodec, Text } from '@claimlog/codecs'
import { Kind, type WaitingCounts, type OmittedCounts, TaskId, Time } from '@claimlog/domain'
import { type CliErrorCode, exitCodes } from '../error-codes.ts'
import { GuardView } from './guard.ts'
import { type SameShape, describeCodec, object, enumCodec, openObject, optional } from './object.ts'
import { Amount } from './task.ts'
import type { View } from './view.ts'

const WaitingKind = object(
  'waiting kind',
  'the waiting tasks of a kind, counted by what they wait for; ready ones wait only because the kind is paused or full',
  {
    kind: Kind,
    closed: optional(enumCodec(['paused', 'full'])),
    ready: Amount,
    claimed: Amount,
    due: Amount,
    blocked: Amount,
  },
)
/** The waiting tasks of a kind, counted by what they wait for. */
type WaitingKind = SameShape<WaitingCounts, View<typeof WaitingKind>>

const MoreWaitingKinds = object(
  'more waiting kinds',
  'the number of kinds that are not listed, and their tasks, counted by what they wait for',
  { kinds: Amount, claimed: Amount, due: Amount, blocked: Amount },
)
/** The number of kinds that are not listed, and their tasks, counted by what they wait for. */
type MoreWaitingKinds = SameShape<OmittedCounts, View<typeof MoreWaitingKinds>>

const WaitingTaskView = object(
  'waiting task',
  'a task with the reasons why it cannot be claimed, and the number of further reasons',
  {
    task_id: TaskId,
    guards: listCodec(GuardView, 'guards'),
    more_guards: optional(Amount),
  },
)
/** A task with the reasons why it cannot be claimed, and the number of further reasons. */
export type WaitingTaskView = View<typeof WaitingTaskView>

const noNextTaskFields = {
  error: t.literal('no_ready_task'),
  message: Text,
  hint: Text,
  kinds: listCodec(Kind, 'kinds'),
  paused: optional(listCodec(Kind, 'paused kinds')),
  full: optional(listCodec(Kind, 'full kinds')),
  next_at: optional(Time),
  waiting: optional(listCodec(WaitingKind, 'waiting kinds')),
  more_waiting: optional(MoreWaitingKinds),
  tasks: optional(listCodec(WaitingTaskView, 'waiting tasks')),
}

/** The reason why no next task was claimed, in a result that is `ok`. */
export const NoNextTask = object(
  'no next task',
  'why there is no next task: the refusal that a claim at the same time would have got',
  noNextTaskFields,
)
/** The reason why no next task was claimed: an error code, a hint, and what the requested kinds wait for. */
export type NoNextTask = View<typeof NoNextTask>

const NoReadyTask = object(
  'no ready task',
  'no task of the requested kinds can be claimed now; next_at is when that may change by itself',
  { ok: t.literal(false), ...noNextTaskFields },
)

const isOtherCode = (word: string): word is Exclude<CliErrorCode, 'no_ready_task'> => word !== 'no_ready_task'

const OtherErrorOutput = openObject('other problem', 'any other refusal or failure, with details', {
  ok: t.literal(false),
  error: enumCodec(Object.keys(exitCodes).filter(isOtherCode)),
  message: Text,
  hint: Text,
})

/** The output of a command that was refused or failed. */
export const ErrorOutput = describeCodec(
  'why a command did not succeed: a stable error code, what happened and why, and what to do next; nothing was changed, unless the code is outcome_unknown',
  t.union([NoReadyTask, OtherErrorOutput]),
)
