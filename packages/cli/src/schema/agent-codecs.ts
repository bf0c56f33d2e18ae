import * as t from 'io-ts'
import type { Notice } from '@claimlog/mcp'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Kind, Seq, type Status, TaskId, Time, WorkerName } from '@claimlog/domain'
import { type ClaimView, type CliErrorWord, exitCodes, type TaskView } from '@claimlog/wire'
import { claimFields, StatusWord, taskFields } from '@claimlog/wire/documents'
import { type FieldsOf, openView, optional, view } from './view-codec.ts'

/** What every answer of a tool says: `cursor` where something is missing, what became of claims since the last one, and whether a power cut may take it back. */
export type Answered = {
  readonly ok: true
  readonly truncated: boolean
  readonly cursor?: string
  readonly notices?: ReadonlyArray<Notice>
  readonly seq: number
  readonly durability?: 'os'
}

const NoticeCodec = view<Notice>('notice', 'what became of a claim of the agent', {
  task_id: TaskId,
  notice: t.keyof({ claim_lost: null, no_longer_renewed: null, still_held: null }),
  message: Text,
  worker: optional(WorkerName),
  token: optional(Seq),
})

/** The codecs of {@link Answered}. */
export const answered: FieldsOf<Answered> = {
  ok: t.literal(true),
  truncated: t.boolean,
  cursor: optional(Text),
  notices: optional(listOf(NoticeCodec, 'notices')),
  seq: Seq,
  durability: optional(t.literal('os')),
}

/** The fields of a task that may be long. */
export type Long = 'payload' | 'result' | 'error' | 'title' | 'needs' | 'tags'
/** A task, of which long fields are begun only. */
export type BegunTask = TaskView & { readonly [K in `${Long}_start` | `${Long}_cursor`]?: string }

const begun: FieldsOf<Omit<BegunTask, keyof TaskView>> = {
  payload_start: optional(Text),
  payload_cursor: optional(Text),
  result_start: optional(Text),
  result_cursor: optional(Text),
  error_start: optional(Text),
  error_cursor: optional(Text),
  title_start: optional(Text),
  title_cursor: optional(Text),
  needs_start: optional(Text),
  needs_cursor: optional(Text),
  tags_start: optional(Text),
  tags_cursor: optional(Text),
}

export const BegunTaskCodec = view<BegunTask>(
  'begun task',
  'a task; of a field that is too long only the beginning, as text, and the cursor by which trace_task reads on',
  { ...taskFields, ...begun },
)

/** A claim, of which a long progress is begun only. */
export type BegunClaim = ClaimView & { readonly progress_start?: string }

export const BegunClaimCodec = view<BegunClaim>(
  'begun claim',
  'a claim; of a long progress only the beginning, as text',
  {
    ...claimFields,
    progress_start: optional(Text),
  },
)

type Handed = { readonly task: BegunTask; readonly claim: BegunClaim }

const handed: FieldsOf<Handed> = { task: BegunTaskCodec, claim: BegunClaimCodec }

export const AgentClaimCodec = view<Answered & Handed & { readonly also_held?: ReadonlyArray<TaskId> }>(
  'agent claim',
  'the task that was handed out; also_held: what else the agent holds',
  { ...answered, ...handed, also_held: optional(listOf(TaskId, 'also held')) },
)

type NoNext = { readonly error: 'no_ready_task'; readonly message: string; readonly hint: string }
type Ended = Answered & {
  readonly task_id: TaskId
  readonly status: Status
  readonly retry_at?: Time
  readonly next?: Handed
  readonly no_next?: NoNext
}

export const AgentEndCodec = view<Ended>('agent end', 'the task whose claim was ended, and the one handed out next', {
  ...answered,
  task_id: TaskId,
  status: StatusWord,
  retry_at: optional(Time),
  next: optional(view<Handed>('handed task', 'the task that was handed out next', handed)),
  no_next: optional(
    view<NoNext>('none handed', 'why there is no next task', {
      error: t.literal('no_ready_task'),
      message: Text,
      hint: Text,
    }),
  ),
})

export const AgentRenewCodec = view<Answered & { readonly task_id: TaskId; readonly lease_until: Time | null }>(
  'agent renew',
  'until when the claim lasts unless it is renewed',
  { ...answered, task_id: TaskId, lease_until: orNull(Time) },
)

type AddedTask = { readonly id: TaskId; readonly kind: Kind; readonly status: Status }

export const AgentAddCodec = view<Answered & { readonly tasks: ReadonlyArray<AddedTask> }>(
  'agent add',
  'the tasks that were added; where there are more of them, list_tasks has those behind the cursor',
  {
    ...answered,
    tasks: listOf(
      view<AddedTask>('added task', 'a task that was added', { id: TaskId, kind: Kind, status: StatusWord }),
      'tasks',
    ),
  },
)

type AgentProblem = {
  readonly ok: false
  readonly error: CliErrorWord
  readonly message: string
  readonly hint: string
  readonly truncated: boolean
  readonly notices?: ReadonlyArray<Notice>
}

export const AgentProblemCodec = openView<AgentProblem>(
  'agent problem',
  'why a tool did nothing: a stable word, what happened and why, and which tool to call next, with data that explains it',
  {
    ok: t.literal(false),
    error: t.keyof(exitCodes),
    message: Text,
    hint: Text,
    truncated: t.boolean,
    notices: optional(listOf(NoticeCodec, 'notices')),
  },
)
