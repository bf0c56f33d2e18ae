import * as t from 'io-ts'
import { listCodec, nullable, Text, wholeNumber } from '@claimlog/codecs'
import {
  Count,
  Kind,
  type OpenKindCounts,
  Label,
  aheadMax,
  Priority,
  displayStatuses,
  TaskId,
  Time,
  WorkerName,
} from '@claimlog/domain'
import { agentResultFields, TruncatedClaim, TruncatedTask } from './agent-result.ts'
import { GuardView } from './guard.ts'
import { type SameShape, describeCodec, object, enumCodec, optional } from './object.ts'
import { Amount, Milliseconds } from './task.ts'
import { stepFields } from './trace.ts'
import type { View } from './view.ts'

const OpenTaskCounts = object('kind open', 'the open tasks of a kind, counted by status', {
  kind: Kind,
  ready: Amount,
  claimed: Amount,
  waiting: Amount,
  blocked: Amount,
})
/** The open tasks of a kind, counted by status. */
type OpenTaskCounts = SameShape<OpenKindCounts, View<typeof OpenTaskCounts>>

export const TaskRow = object(
  'row',
  'a task in short; the title and the error may be cut, and needs has the first dependencies',
  {
    id: TaskId,
    kind: Kind,
    status: enumCodec(displayStatuses),
    title: optional(Text),
    worker: optional(WorkerName),
    until: optional(nullable(Time)),
    held: optional(t.literal(true)),
    needs: optional(listCodec(TaskId, 'needs')),
    priority: optional(Priority),
    error: optional(Text),
  },
)
/** A short form of a task. */
export type TaskRow = View<typeof TaskRow>

export const AgentList = object(
  'agent list',
  'the tasks counted by status, the worker name of the agent, its claims, and a page of tasks',
  {
    ...agentResultFields,
    counts: listCodec(OpenTaskCounts, 'counts'),
    more_kinds: optional(Amount),
    finished: Amount,
    worker: WorkerName,
    held: listCodec(TaskId, 'held'),
    tasks: listCodec(TaskRow, 'tasks'),
  },
)
/** The result of `list_tasks`. */
export type AgentList = View<typeof AgentList>

const TruncatedStep = object('begun step', 'a step of the history; a long value is replaced by its beginning', {
  ...stepFields,
  error_start: optional(Text),
  stack_start: optional(Text),
  reason_start: optional(Text),
  text_start: optional(Text),
  changes_start: optional(Text),
  progress_start: optional(Text),
  result_start: optional(Text),
})

export const AgentTrace = object(
  'agent trace',
  'a task, why it cannot be claimed, and its history, the newest step first',
  {
    ...agentResultFields,
    task: TruncatedTask,
    claim: optional(TruncatedClaim),
    claimable: t.boolean,
    ahead: optional(wholeNumber('tasks ahead', 0, aheadMax)),
    guards: listCodec(GuardView, 'guards'),
    more_guards: optional(Amount),
    added_at: Time,
    attempts: Amount,
    max_attempts: Count,
    cancel_reason: optional(Text),
    finished_at: optional(Time),
    finished_by: optional(Label),
    waited_ms: Milliseconds,
    ran_ms: Milliseconds,
    retrying_ms: Milliseconds,
    held_ms: Milliseconds,
    steps: listCodec(TruncatedStep, 'steps'),
  },
)
/** The result of `trace_task`. */
export type AgentTrace = View<typeof AgentTrace>

const FurtherSteps = object('further steps', 'older steps of the history', {
  ...agentResultFields,
  task_id: TaskId,
  steps: listCodec(TruncatedStep, 'steps'),
})

export const FurtherText = object('further text', 'the next part of a long field, as text', {
  ...agentResultFields,
  task_id: TaskId,
  field: enumCodec(['payload', 'result', 'error', 'title', 'needs', 'tags', 'reason']),
  text: Text,
})
/** The next part of a long field. */
export type FurtherText = View<typeof FurtherText>

/** The result of `trace_task` with a cursor: older steps, or more of a field. */
export const AgentContinuation = describeCodec(
  'the next part of a truncated result about a task',
  t.union([FurtherSteps, FurtherText]),
)
