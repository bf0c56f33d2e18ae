import * as t from 'io-ts'
import { type ImportFormat, importFormats, type LeftOut, leftOutWords } from '@claimlog/importers'
import type { TaskAnswer } from '@claimlog/workspace'
import { listOf, orNull } from '@claimlog/codecs'
import { Seq } from '@claimlog/domain'
import { Amount, ClaimView, RulesView, taskFields, TaskView } from '@claimlog/wire/documents'
import { NoNextCodec } from './problem-codec.ts'
import { type FieldsOf, optional, view } from './view-codec.ts'

/** What the answer of every command that writes holds; `durability` where a power cut may take it back. */
type Written = { readonly ok: true; readonly seq: number; readonly durability?: 'os' }

const written: FieldsOf<Written> = { ok: t.literal(true), seq: Seq, durability: optional(t.literal('os')) }

type Made = Written & {
  readonly workspace: string
  readonly dir: string
  readonly created: boolean
  readonly from?: string
  readonly kept_as?: string
}

export const InitCodec = view<Made>(
  'init',
  'the workspace; created: it was not there before; from: the log that its history is from; kept_as: the log that stood in its place',
  {
    ...written,
    workspace: t.string,
    dir: t.string,
    created: t.boolean,
    from: optional(t.string),
    kept_as: optional(t.string),
  },
)

const taskAnswer: FieldsOf<TaskAnswer> = { task: TaskView, claim: optional(ClaimView) }

/** What `add` and the commands about one task answer. */
export const taskAnswerCodec = (name: string, description: string) =>
  view<Written & TaskAnswer>(name, description, { ...written, ...taskAnswer })

type Claimed = { readonly task: TaskView; readonly claim: ClaimView }

export const ClaimAnswerCodec = view<Written & Claimed>('claim answer', 'the task that was handed out, and the claim', {
  ...written,
  task: TaskView,
  claim: ClaimView,
})

const NextCodec = view<Claimed>('next task', 'the task that was claimed next, and the claim', {
  task: TaskView,
  claim: ClaimView,
})

type WithNext = Written &
  TaskAnswer & { readonly next: Claimed | null; readonly no_next?: t.TypeOf<typeof NoNextCodec> }

export const ClaimNextCodec = view<WithNext>(
  'claim next',
  'the task whose claim was ended, and the one that was claimed next; null: none was ready, and no_next says why',
  { ...written, ...taskAnswer, next: orNull(NextCodec), no_next: optional(NoNextCodec) },
)

type ClaimedTask = TaskView & { readonly claim: ClaimView }

const ClaimedTaskCodec = view<ClaimedTask>('claimed task', 'a task that was handed out, with its claim beside it', {
  ...taskFields,
  claim: ClaimView,
})

export const ClaimCountCodec = view<Written & { readonly tasks: ReadonlyArray<ClaimedTask> }>(
  'claim count',
  'the tasks that were handed out in one decision, in the order they are handed out in',
  {
    ...written,
    tasks: listOf(ClaimedTaskCodec, 'claimed tasks'),
  },
)

export const AddManyCodec = view<Written & { readonly tasks: ReadonlyArray<TaskView> }>(
  'add many',
  'the tasks that were added, in the order of the lines that said so',
  { ...written, tasks: listOf(TaskView, 'tasks') },
)

type LeftOutView = {
  readonly what: LeftOut['what']
  readonly name: string
  readonly count: number
  readonly why: string
  readonly examples: ReadonlyArray<string>
}

const LeftOutCodec = view<LeftOutView>(
  'left out',
  'one thing that was not taken over: what it is, what it is called there, how often, why, and where it was met first',
  {
    what: t.keyof(leftOutWords),
    name: t.string,
    count: Amount,
    why: t.string,
    examples: listOf(t.string, 'examples'),
  },
)

type ImportCounts = {
  readonly kinds: Readonly<Record<string, number>>
  readonly statuses: Readonly<Record<string, number>>
  readonly claimed: number
}

const ImportCountsCodec = view<ImportCounts>('import counts', 'how many of the tasks that came are of each sort', {
  kinds: t.record(t.string, Amount),
  statuses: t.record(t.string, Amount),
  claimed: Amount,
})

type Imported = {
  readonly dry_run?: true
  readonly format?: ImportFormat
  readonly imported: number
  readonly unchanged: number
  readonly counts?: ImportCounts
  readonly left_out?: ReadonlyArray<LeftOutView>
  readonly tasks: ReadonlyArray<TaskView>
}

export const ImportCodec = view<Written & Imported>(
  'import',
  'the tasks that were taken over from the file; dry_run: that would be, and nothing was written; unchanged: those that are here already',
  {
    ...written,
    dry_run: optional(t.literal(true)),
    format: optional(t.keyof(importFormats)),
    imported: Amount,
    unchanged: Amount,
    counts: optional(ImportCountsCodec),
    left_out: optional(listOf(LeftOutCodec, 'what was left out')),
    tasks: listOf(TaskView, 'tasks'),
  },
)

export const RulesAnswerCodec = view<Written & { readonly rules: RulesView }>(
  'rules answer',
  "the kind's rules as the command left them",
  { ...written, rules: RulesView },
)

type Replayed = {
  readonly ok: true
  readonly seq: number
  readonly tasks: number
  readonly queue_file: 'written' | 'the same'
  readonly checkpoint?: 'the same'
}

export const ReplayCodec = view<Replayed>(
  'replay',
  'how many tasks events.jsonl led to, and what became of queue.json; checkpoint: that what is kept of the state says so too',
  {
    ok: t.literal(true),
    seq: Seq,
    tasks: Amount,
    queue_file: t.keyof({ written: null, 'the same': null }),
    checkpoint: optional(t.literal('the same')),
  },
)

type Waited = { readonly ok: true; readonly seq: number; readonly tasks?: ReadonlyArray<TaskView> }

export const WaitCodec = view<Waited>(
  'wait',
  'the tasks that were waited for, all of them done, in the order they were named; none where it was for nothing left to do',
  { ok: t.literal(true), seq: Seq, tasks: optional(listOf(TaskView, 'tasks')) },
)

type Verified = {
  readonly ok: true
  readonly seq: number
  readonly hash: string
  readonly unfinished_bytes: number
}

export const VerifyCodec = view<Verified>('verify', 'every line is as it must be; the hash is that of the last line', {
  ok: t.literal(true),
  seq: Seq,
  hash: t.string,
  unfinished_bytes: Amount,
})
