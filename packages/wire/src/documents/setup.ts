import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { named, object, type ObjectOf, oneOf, optional } from './object.ts'

const SetUpFile = object('set-up file', 'the change to a file, or with --print the planned change', {
  path: t.string,
  state: oneOf(['unchanged', 'created', 'updated', 'removed']),
  content: optional(t.string),
})
/** The change to a file, made or planned. */
export type SetUpFile = t.TypeOf<typeof SetUpFile>

const WorkspaceProblem = object(
  'workspace problem',
  'why no workspace was found from this folder, and how to create one',
  {
    error: t.string,
    message: t.string,
    hint: t.string,
  },
)

const queueFields = { workspace: optional(t.string), workspace_problem: optional(WorkspaceProblem) }

/** The queue that an agent finds from the project's folder, or why it finds none. */
export type QueueView = ObjectOf<typeof queueFields>

export const SetupView = object(
  'setup',
  'the changes to the files of an agent; command is how it runs claimlog, notes lists what a person still has to do',
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
/** The output of `setup <agent>`. */
export type SetupView = t.TypeOf<typeof SetupView>

export const AgentStanding = object(
  'agent standing',
  'used: whether the agent is used in this folder (here) or in the home folder (by_you); set_up: whether everything that setup would write is there',
  {
    agent: t.string,
    title: t.string,
    used: oneOf(['here', 'by_you', 'no']),
    set_up: named('partly: some of it is missing or outdated', oneOf(['yes', 'partly', 'no', 'unreadable'])),
    files: listOf(t.string, 'files'),
    problem: optional(t.string),
  },
)
/** The state of an agent's configuration in a project. */
export type AgentStanding = t.TypeOf<typeof AgentStanding>

export const SurveyView = object('survey', 'the agents that setup supports, and the state of each here', {
  ok: t.literal(true),
  agents: listOf(AgentStanding, 'agent standings'),
  ...queueFields,
})
/** The output of `setup`. */
export type SurveyView = t.TypeOf<typeof SurveyView>
