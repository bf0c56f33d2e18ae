import * as t from 'io-ts'
import { listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
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
import { agentAnswerFields, BegunClaim, BegunTask } from './agent-answer.ts'
import { GuardView } from './guard.ts'
import { type AsItIs, named, object, oneOf, optional } from './object.ts'
import { Amount, Milliseconds } from './task.ts'
import { stepFields } from './trace.ts'

const OpenOfKind = object('kind open', 'the open tasks of a kind, counted by status', {
  kind: Kind,
  ready: Amount,
  claimed: Amount,
  waiting: Amount,
  blocked: Amount,
})
/** The open tasks of a kind, counted by status. */
type OpenOfKind = AsItIs<OpenKindCounts, t.TypeOf<typeof OpenOfKind>>

export const TaskRow = object(
  'row',
  'a task in short; the title and the error may be cut, and needs has the first dependencies',
  {
    id: TaskId,
    kind: Kind,
    status: oneOf(displayStatuses),
    title: optional(Text),
    worker: optional(WorkerName),
    until: optional(orNull(Time)),
    held: optional(t.literal(true)),
    needs: optional(listOf(TaskId, 'needs')),
    priority: optional(Priority),
    error: optional(Text),
  },
)
/** A short form of a task. */
export type TaskRow = t.TypeOf<typeof TaskRow>

export const AgentList = object(
  'agent list',
  'the tasks counted by status, the worker name of the agent, its claims, and a page of tasks',
  {
    ...agentAnswerFields,
    counts: listOf(OpenOfKind, 'counts'),
    more_kinds: optional(Amount),
    finished: Amount,
    worker: WorkerName,
    held: listOf(TaskId, 'held'),
    tasks: listOf(TaskRow, 'tasks'),
  },
)
/** The result of `list_tasks`. */
export type AgentList = t.TypeOf<typeof AgentList>

const BegunStep = object('begun step', 'a step of the history; a long value is replaced by its beginning', {
  ...stepFields,
  error_start: optional(Text),
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
    ...agentAnswerFields,
    task: BegunTask,
    claim: optional(BegunClaim),
    claimable: t.boolean,
    ahead: optional(wholeNumber('tasks ahead', 0, aheadMax)),
    guards: listOf(GuardView, 'guards'),
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
    steps: listOf(BegunStep, 'steps'),
  },
)
/** The result of `trace_task`. */
export type AgentTrace = t.TypeOf<typeof AgentTrace>

const FurtherSteps = object('further steps', 'older steps of the history', {
  ...agentAnswerFields,
  task_id: TaskId,
  steps: listOf(BegunStep, 'steps'),
})

export const FurtherText = object('further text', 'the next part of a long field, as text', {
  ...agentAnswerFields,
  task_id: TaskId,
  field: oneOf(['payload', 'result', 'error', 'title', 'needs', 'tags', 'reason']),
  text: Text,
})
/** The next part of a long field. */
export type FurtherText = t.TypeOf<typeof FurtherText>

/** The result of `trace_task` with a cursor: older steps, or more of a field. */
export const AgentReadOn = named(
  'the next part of a truncated result about a task',
  t.union([FurtherSteps, FurtherText]),
)
