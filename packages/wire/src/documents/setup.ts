import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { named, object, type ObjectOf, oneOf, optional } from './object.ts'

const SetUpFile = object('set-up file', 'what became of a file, or with --print would', {
  path: t.string,
  state: oneOf(['unchanged', 'created', 'updated', 'removed']),
  content: optional(t.string),
})
/** What became of a file, or would. */
export type SetUpFile = t.TypeOf<typeof SetUpFile>

const WorkspaceProblem = object('workspace problem', 'why no workspace is found from this folder, and how to get one', {
  error: t.string,
  message: t.string,
  hint: t.string,
})

const queueFields = { workspace: optional(t.string), workspace_problem: optional(WorkspaceProblem) }

/** The queue that an agent finds from the project's folder, or why it finds none and how to get one. */
export type QueueView = ObjectOf<typeof queueFields>

export const SetupView = object(
  'setup',
  'what became of the files of an agent; command is what it runs claimlog by, notes what is left for a person to do',
  {
    ok: t.literal(true),
    agent: t.string,
    files: listOf(SetUpFile, 'set-up files'),
    command: listOf(t.string, 'command words'),
    on_path: t.boolean,
    ...queueFields,
    notes: listOf(t.string, 'notes'),
  },
)
/** What `setup <agent>` prints. */
export type SetupView = t.TypeOf<typeof SetupView>

export const AgentStanding = object(
  'agent standing',
  'used: what shows the agent is in this folder, or in the home folder; set_up: whether all that set-up would write is there',
  {
    agent: t.string,
    title: t.string,
    used: oneOf(['here', 'by_you', 'no']),
    set_up: named('partly: some of it is there, or is old', oneOf(['yes', 'partly', 'no', 'unreadable'])),
    files: listOf(t.string, 'files'),
    problem: optional(t.string),
  },
)
/** How an agent stands in a project. */
export type AgentStanding = t.TypeOf<typeof AgentStanding>

export const SurveyView = object('survey', 'the agents that set-up knows, and how each stands here', {
  ok: t.literal(true),
  agents: listOf(AgentStanding, 'agent standings'),
  ...queueFields,
})
/** What `setup` prints. */
export type SurveyView = t.TypeOf<typeof SurveyView>
