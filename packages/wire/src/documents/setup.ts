import * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import { describeCodec, object, type ObjectType, enumCodec, optional } from './object.ts'
import type { CamelCased, View } from './view.ts'

const SetupFile = object('set-up file', 'the change to a file, or with --print the planned change', {
  path: t.string,
  state: enumCodec(['unchanged', 'created', 'updated', 'removed']),
  content: optional(t.string),
})
/** The change to a file, made or planned. */
export type SetupFile = View<typeof SetupFile>

const WorkspaceProblem = object(
  'workspace problem',
  'why no workspace was found from this folder, and how to create one',
  {
    error: t.string,
    message: t.string,
    hint: t.string,
  },
)

const queueFields = {
  workspace: optional(t.string),
  log: optional(t.string),
  workspace_problem: optional(WorkspaceProblem),
}

/** The queue, in a directory (`workspace`) or on a server (`log`, a URL without a password), that an agent finds from the project's folder, or why it finds none. */
export type QueueView = CamelCased<ObjectType<typeof queueFields>>

export const SetupView = object(
  'setup',
  'the changes to the files of an agent; command is how it runs claimlog, notes lists what a person still has to do',
  {
    ok: t.literal(true),
    agent: t.string,
    files: listCodec(SetupFile, 'set-up files'),
    command: listCodec(t.string, 'command words'),
    on_path: t.boolean,
    ...queueFields,
    notes: listCodec(t.string, 'notes'),
  },
)
/** The output of `setup <agent>`. */
export type SetupView = View<typeof SetupView>

export const AgentSetupState = object(
  'agent standing',
  'used: whether the agent is used in this folder (here) or in the home folder (by_you); set_up: whether everything that setup would write is there',
  {
    agent: t.string,
    title: t.string,
    used: enumCodec(['here', 'by_you', 'no']),
    set_up: describeCodec(
      'partly: some of it is missing or outdated',
      enumCodec(['yes', 'partly', 'no', 'unreadable']),
    ),
    files: listCodec(t.string, 'files'),
    problem: optional(t.string),
  },
)
/** The state of an agent's configuration in a project. */
export type AgentSetupState = View<typeof AgentSetupState>

export const SetupAgentsView = object('survey', 'the agents that setup supports, and the state of each here', {
  ok: t.literal(true),
  agents: listCodec(AgentSetupState, 'agent standings'),
  ...queueFields,
})
/** The output of `setup`. */
export type SetupAgentsView = View<typeof SetupAgentsView>
