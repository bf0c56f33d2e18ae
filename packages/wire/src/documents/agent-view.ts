import * as t from 'io-ts'
import { listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
import {
  Count,
  Kind,
  type KindOpen,
  Label,
  maxAhead,
  Priority,
  standings,
  TaskId,
  Time,
  WorkerName,
} from '@claimlog/domain'
import { agentAnswerFields, BegunClaim, BegunTask } from './agent-answer.ts'
import { GuardView } from './guard.ts'
import { type AsItIs, named, object, oneOf, optional } from './object.ts'
import { Amount, Milliseconds } from './task.ts'
import { stepFields } from './trace.ts'

const OpenOfKind = object('kind open', 'how many open tasks of a kind stand where', {
  kind: Kind,
  ready: Amount,
  claimed: Amount,
  waiting: Amount,
  blocked: Amount,
})
/** How many open tasks of a kind stand where. */
type OpenOfKind = AsItIs<KindOpen, t.TypeOf<typeof OpenOfKind>>

export const TaskRow = object('row', 'a task in short; a title and an error may be cut, and needs are the first ones', {
  id: TaskId,
  kind: Kind,
  status: oneOf(standings),
  title: optional(Text),
  worker: optional(WorkerName),
  until: optional(orNull(Time)),
  held: optional(t.literal(true)),
  needs: optional(listOf(TaskId, 'needs')),
  priority: optional(Priority),
  error: optional(Text),
})
/** A task in short. */
export type TaskRow = t.TypeOf<typeof TaskRow>

export const AgentList = object(
  'agent list',
  'how many tasks stand where, who the agent is and what it holds, and a page of tasks',
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
/** What `list_tasks` answers. */
export type AgentList = t.TypeOf<typeof AgentList>

const BegunStep = object('begun step', 'a step of the history; of a long value only the beginning', {
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
  'a task, what stands in the way of claiming it, and its history, the newest step first',
  {
    ...agentAnswerFields,
    task: BegunTask,
    claim: optional(BegunClaim),
    claimable: t.boolean,
    ahead: optional(wholeNumber('tasks ahead', 0, maxAhead)),
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
/** What `trace_task` answers. */
export type AgentTrace = t.TypeOf<typeof AgentTrace>

const FurtherSteps = object('further steps', 'older steps of the history', {
  ...agentAnswerFields,
  task_id: TaskId,
  steps: listOf(BegunStep, 'steps'),
})

export const FurtherText = object('further text', 'more of a long field, as text', {
  ...agentAnswerFields,
  task_id: TaskId,
  field: oneOf(['payload', 'result', 'error', 'title', 'needs', 'tags', 'reason']),
  text: Text,
})
/** More of a long field. */
export type FurtherText = t.TypeOf<typeof FurtherText>

/** What `trace_task` answers to a cursor: further steps, or more of a field. */
export const AgentReadOn = named(
  'what follows where an answer about a task was truncated',
  t.union([FurtherSteps, FurtherText]),
)
