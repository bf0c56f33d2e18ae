import type { Argument, Command, Option } from 'commander'
import type { ArgumentView, CommandView, FlagView, ReferenceView } from '@claimlog/wire'
import { examples } from './examples.ts'
import { topics } from './topics.ts'

export const commandView = (command: Command): CommandView => ({
  name: command.name(),
  usage: `claimlog ${command.name()} ${command.usage()}`,
  about: command.description(),
  arguments: command.registeredArguments.map(argumentView),
  flags: command.createHelp().visibleOptions(command).map(flagView),
  examples: examplesOf(command.name()),
})

/** The reference of `program` with all its commands. */
export const referenceView = (program: Command): ReferenceView => ({
  about: program.description(),
  examples: examplesOf(program.name()),
  commands: program.commands.map(commandView),
  flags: program.createHelp().visibleOptions(program).map(flagView),
  topics: Object.entries(topics).map(([name, about]) => ({ name, about })),
})

/** An argument as usage shows it: `<worker>`, `[kind...]`. */
const argumentTerm = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

const argumentView = (argument: Argument): ArgumentView => ({
  name: argument.name(),
  term: argumentTerm(argument),
  about: argument.description === '' ? undefined : argument.description,
  choices: argument.argChoices,
})

const flagView = ({
  flags,
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  envVar,
}: Option): FlagView => ({
  flags,
  about: description,
  choices: argChoices,
  default: defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : undefined),
  variable: envVar,
})

const examplesOf = (name: string): ReadonlyArray<string> =>
  (examples[name] ?? '').split('\n').flatMap(line => (line.trim() === '' ? [] : line.trim()))
