import * as t from 'io-ts'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import type { OpenClaim, OtherHolder, PrimeView, ReadyKind } from '@claimlog/wire'
import type { FileState, QueueView, SetupView, SurveyView } from '@claimlog/agent-setup'
import { Amount } from './task-codecs.ts'
import { named, optional, view } from './view-codec.ts'

const OpenClaimCodec = view<OpenClaim>(
  'open claim',
  'a claim in short; lapsed: its lease has ended, and its holder may still settle it until somebody else claims the task',
  {
    task_id: TaskId,
    title: optional(Text),
    kind: Kind,
    worker: WorkerName,
    token: Seq,
    lease_until: orNull(Time),
    lapsed: t.boolean,
  },
)

const ReadyTask = view<ReadyKind['tasks'][number]>(
  'ready task',
  'a task that can be claimed; a long title is shortened',
  {
    task_id: TaskId,
    title: optional(Text),
  },
)

const ReadyKindCodec = view<ReadyKind>(
  'ready kind',
  'how many tasks of a kind are ready, and the first of them; closed: none is handed out all the same',
  {
    kind: Kind,
    ready: Amount,
    closed: optional(t.keyof({ paused: null, full: null })),
    tasks: listOf(ReadyTask, 'ready tasks'),
  },
)

const OtherHolderCodec = view<OtherHolder>(
  'other holder',
  'another worker with live claims: how many, and the first of them; vacant: no agent works under that name now',
  { worker: WorkerName, claims: Amount, task_id: TaskId, vacant: optional(t.literal(true)) },
)

/** What `prime` prints. */
export const PrimeCodec = view<PrimeView>(
  'prime',
  'what a worker needs to begin: its open claims, or all live ones where no worker is named, and what is ready; at most 8 of each are told, truncated: there are more',
  {
    worker: optional(WorkerName),
    claims: listOf(OpenClaimCodec, 'open claims'),
    open_claims: Amount,
    claims_of_others: optional(Amount),
    others: optional(listOf(OtherHolderCodec, 'other holders')),
    kinds: listOf(ReadyKindCodec, 'ready kinds'),
    kinds_with_work: Amount,
    truncated: t.boolean,
    seq: Seq,
  },
)

const fileStates: Readonly<Record<FileState, null>> = { unchanged: null, created: null, updated: null, removed: null }

const SetUpFile = view<SetupView['files'][number]>('set-up file', 'what became of a file, or with --print would', {
  path: t.string,
  state: t.keyof(fileStates),
  content: optional(t.string),
})

const WorkspaceProblem = view<NonNullable<QueueView['workspace_problem']>>(
  'workspace problem',
  'why no workspace is found from this folder, and how to get one',
  { error: t.string, message: t.string, hint: t.string },
)

/** What `setup <agent>` prints. */
export const SetupCodec = view<SetupView>(
  'setup',
  'what became of the files of an agent; command is what it runs claimlog by, notes what is left for a person to do',
  {
    ok: t.literal(true),
    agent: t.string,
    files: listOf(SetUpFile, 'set-up files'),
    command: listOf(t.string, 'command words'),
    on_path: t.boolean,
    workspace: optional(t.string),
    workspace_problem: optional(WorkspaceProblem),
    notes: listOf(t.string, 'notes'),
  },
)

const Standing = view<SurveyView['agents'][number]>(
  'agent standing',
  'used: what shows the agent is in this folder, or in the home folder; set_up: whether all that set-up would write is there',
  {
    agent: t.string,
    title: t.string,
    used: t.keyof({ here: null, by_you: null, no: null }),
    set_up: named(
      'partly: some of it is there, or is old',
      t.keyof({ yes: null, partly: null, no: null, unreadable: null }),
    ),
    files: listOf(t.string, 'files'),
    problem: optional(t.string),
  },
)

/** What `setup` prints. */
export const SurveyCodec = view<SurveyView>('survey', 'the agents that set-up knows, and how each stands here', {
  ok: t.literal(true),
  agents: listOf(Standing, 'agent standings'),
  workspace: optional(t.string),
  workspace_problem: optional(WorkspaceProblem),
})
