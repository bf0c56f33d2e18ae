import * as t from 'io-ts'
import { listOf, orNull, Text, wholeNumber } from '@claimlog/codecs'
import {
  Count,
  Kind,
  type KindOpen,
  Label,
  maxAhead,
  Priority,
  type Standing,
  standings,
  TaskId,
  Time,
  WorkerName,
} from '@claimlog/domain'
import type { TraceStep } from '@claimlog/wire'
import { Amount, GuardView, Milliseconds, stepFields } from '@claimlog/wire/documents'
import {
  type Answered,
  answered,
  type BegunClaim,
  BegunClaimCodec,
  type BegunTask,
  BegunTaskCodec,
  type Long,
} from './agent-codecs.ts'
import { named, optional, view } from './view-codec.ts'

const KindOpenCodec = view<KindOpen>('kind open', 'how many open tasks of a kind stand where', {
  kind: Kind,
  ready: Amount,
  claimed: Amount,
  waiting: Amount,
  blocked: Amount,
})

const StandingWord = t.keyof(Object.fromEntries(standings.map(word => [word, null])) as Record<Standing, null>)

type Row = {
  readonly id: TaskId
  readonly kind: Kind
  readonly status: Standing
  readonly title?: string
  readonly worker?: string
  readonly until?: Time | null
  readonly held?: true
  readonly needs?: ReadonlyArray<TaskId>
  readonly priority?: number
  readonly error?: string
}

const RowCodec = view<Row>('row', 'a task in short; a title and an error may be cut, and needs are the first ones', {
  id: TaskId,
  kind: Kind,
  status: StandingWord,
  title: optional(Text),
  worker: optional(WorkerName),
  until: optional(orNull(Time)),
  held: optional(t.literal(true)),
  needs: optional(listOf(TaskId, 'needs')),
  priority: optional(Priority),
  error: optional(Text),
})

type Listed = Answered & {
  readonly counts: ReadonlyArray<KindOpen>
  readonly more_kinds?: number
  readonly finished: number
  readonly worker: string
  readonly held: ReadonlyArray<TaskId>
  readonly tasks: ReadonlyArray<Row>
}

export const AgentListCodec = view<Listed>(
  'agent list',
  'how many tasks stand where, who the agent is and what it holds, and a page of tasks',
  {
    ...answered,
    counts: listOf(KindOpenCodec, 'counts'),
    more_kinds: optional(Amount),
    finished: Amount,
    worker: WorkerName,
    held: listOf(TaskId, 'held'),
    tasks: listOf(RowCodec, 'tasks'),
  },
)

type BegunStep = TraceStep & {
  readonly [K in 'error' | 'reason' | 'text' | 'changes' | 'progress' | 'result' as `${K}_start`]?: string
}

const BegunStepCodec = view<BegunStep>('begun step', 'a step of the history; of a long value only the beginning', {
  ...stepFields,
  error_start: optional(Text),
  reason_start: optional(Text),
  text_start: optional(Text),
  changes_start: optional(Text),
  progress_start: optional(Text),
  result_start: optional(Text),
})

type Story = {
  readonly task: BegunTask
  readonly claim?: BegunClaim
  readonly claimable: boolean
  readonly ahead?: number
  readonly guards: ReadonlyArray<GuardView>
  readonly more_guards?: number
  readonly added_at: Time
  readonly attempts: number
  readonly max_attempts: number
  readonly cancel_reason?: string
  readonly finished_at?: Time
  readonly finished_by?: string
  readonly waited_ms: number
  readonly ran_ms: number
  readonly retrying_ms: number
  readonly held_ms: number
  readonly steps: ReadonlyArray<BegunStep>
}

export const AgentTraceCodec = view<Answered & Story>(
  'agent trace',
  'a task, what stands in the way of claiming it, and its history, the newest step first',
  {
    ...answered,
    task: BegunTaskCodec,
    claim: optional(BegunClaimCodec),
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
    steps: listOf(BegunStepCodec, 'steps'),
  },
)

type FurtherSteps = { readonly task_id: TaskId; readonly steps: ReadonlyArray<BegunStep> }
type FurtherText = { readonly task_id: TaskId; readonly field: Long | 'reason'; readonly text: string }

const longWords = {
  payload: null,
  result: null,
  error: null,
  title: null,
  needs: null,
  tags: null,
  reason: null,
} as const

/** What `trace_task` answers to a cursor: further steps, or more of a field. */
export const AgentReadOnCodec = named<Answered & (FurtherSteps | FurtherText)>(
  'what follows where an answer about a task was truncated',
  t.union([
    view<Answered & FurtherSteps>('further steps', 'older steps of the history', {
      ...answered,
      task_id: TaskId,
      steps: listOf(BegunStepCodec, 'steps'),
    }),
    view<Answered & FurtherText>('further text', 'more of a long field, as text', {
      ...answered,
      task_id: TaskId,
      field: t.keyof(longWords),
      text: Text,
    }),
  ]),
)
