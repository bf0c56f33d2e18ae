import type { Command, Option } from 'commander'
import type { EnvironmentView } from '@claimlog/wire'
import type { HelpSection } from '../section.ts'

/** The variables that `claimlog work` sets for a command. */
const commandVariables = {
  CLAIMLOG_TASK_ID: 'Id of the task',
  CLAIMLOG_KIND: 'Kind of the task',
  CLAIMLOG_TOKEN: 'Token of the claim: pass it with every write',
  CLAIMLOG_ATTEMPT: 'Attempt number, starting at 1',
  CLAIMLOG_WORKER: 'Worker that claimed the task',
  CLAIMLOG_LEASE: 'How long the claim lasts after a renewal',
  CLAIMLOG_LOG: 'URL of the log, without its password; only if the log is on a server',
  CLAIMLOG_DIR: 'Directory of the workspace; for a log on a server, only if one was named',
  CLAIMLOG_RESULT: 'File for the result, JSON or text',
  CLAIMLOG_BY: 'Author of changes made by the command: the worker, unless already set',
} satisfies Readonly<Record<string, string>>

/** The variables that have no flag. */
const flaglessVariables: Readonly<Record<string, string>> = {
  NO_COLOR: 'Turn colours off, even on a terminal',
  FORCE_COLOR: 'Turn colours on, even without a terminal',
}

export const toEnvironmentView = (program: Command): EnvironmentView => ({
  read: [
    ...[program, ...program.commands].flatMap(({ options }) => options.flatMap(toVariables)),
    ...Object.entries(flaglessVariables).map(([name, meaning]) => ({ name, means: meaning })),
  ],
  given: Object.entries(commandVariables).map(([name, meaning]) => ({ name, means: meaning })),
})

const toVariables = ({ envVar, description, flags }: Option): EnvironmentView['read'] =>
  envVar === undefined ? [] : [{ name: envVar, means: description, flag: flags }]

export const toEnvironmentSections = (view: EnvironmentView): ReadonlyArray<HelpSection> => [
  {
    title: 'Environment',
    prose: ['Variables that claimlog reads. A flag overrides its variable; an empty variable counts as not set.'],
    entries: view.read.map(({ name, means: meaning, flag }) => [
      name,
      flag === undefined ? meaning : `${meaning} (${flag})`,
    ]),
  },
  {
    title: 'Environment of a command',
    prose: [
      'Variables that claimlog work sets for the command of a task. Within it, claimlog renew, complete, fail, release, note and add can be called without --log and --dir, and the first five without worker and task id.',
    ],
    entries: view.given.map(({ name, means: meaning }) => [name, meaning]),
  },
]
