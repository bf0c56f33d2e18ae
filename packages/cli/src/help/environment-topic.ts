import type { Command, Option } from 'commander'
import type { EnvironmentView } from '@claimlog/wire'
import type { Section } from './section.ts'

/** What a command that `claimlog work` runs finds of the task that it is run for. */
const given = {
  CLAIMLOG_TASK_ID: 'the id of the task',
  CLAIMLOG_KIND: 'its kind',
  CLAIMLOG_TOKEN: 'the token of the claim: hand it on with every write',
  CLAIMLOG_ATTEMPT: 'the how-manieth claim of the task it is, from 1',
  CLAIMLOG_WORKER: 'who holds the claim',
  CLAIMLOG_LEASE: 'how long the claim lasts when it is renewed',
  CLAIMLOG_DIR: 'the workspace',
  CLAIMLOG_RESULT: 'a file to write the result to, JSON or text',
  CLAIMLOG_BY: 'who gives the orders in it: the worker, unless it was set before',
} satisfies Readonly<Record<string, string>>

/** What is read without a flag that stands for it. */
const withoutFlag: Readonly<Record<string, string>> = {
  NO_COLOR: 'no colours, also on a terminal',
  FORCE_COLOR: 'colours, also where there is no terminal',
}

export const environmentView = (program: Command): EnvironmentView => ({
  read: [
    ...[program, ...program.commands].flatMap(({ options }) => options.flatMap(variableOf)),
    ...Object.entries(withoutFlag).map(([name, means]) => ({ name, means })),
  ],
  given: Object.entries(given).map(([name, means]) => ({ name, means })),
})

const variableOf = ({ envVar, description, flags }: Option): EnvironmentView['read'] =>
  envVar === undefined ? [] : [{ name: envVar, means: description, flag: flags }]

export const environmentSections = (view: EnvironmentView): ReadonlyArray<Section> => [
  {
    title: 'Environment',
    prose: ['What claimlog reads. A flag comes before the variable that stands for it; an empty variable is none.'],
    entries: view.read.map(({ name, means, flag }) => [name, flag === undefined ? means : `${means} (${flag})`]),
  },
  {
    title: 'Environment of a command',
    prose: [
      'What a command finds that claimlog work runs for a task. In it claimlog renew, complete, fail, release, note and add need no --dir, and the first five no names.',
    ],
    entries: view.given.map(({ name, means }) => [name, means]),
  },
]
