import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import type { FileState, QueueView, SetupView, SurveyView } from '@claimlog/agent-setup'
import { named, optional, view } from './view-codec.ts'

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
