import type { Argument, Command, Option } from 'commander'
import type { ArgumentView, CommandView, FlagView, ReferenceView } from '@claimlog/wire'
import { examples } from './examples.ts'
import { topics } from './topics.ts'

export const toCommandView = (command: Command): CommandView => ({
  name: command.name(),
  usage: `claimlog ${command.name()} ${command.usage()}`,
  about: command.description(),
  arguments: command.registeredArguments.map(toArgumentView),
  flags: command.createHelp().visibleOptions(command).map(toFlagView),
  examples: listExamples(command.name()),
})

/** The reference of `program` with all its commands. */
export const toReferenceView = (program: Command): ReferenceView => ({
  about: program.description(),
  examples: listExamples(program.name()),
  commands: program.commands.map(toCommandView),
  flags: program.createHelp().visibleOptions(program).map(toFlagView),
  topics: Object.entries(topics).map(([name, about]) => ({ name, about })),
})

/** An argument as usage shows it: `<worker>`, `[kind...]`. */
const formatArgument = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

const toArgumentView = (argument: Argument): ArgumentView => ({
  name: argument.name(),
  term: formatArgument(argument),
  about: argument.description === '' ? undefined : argument.description,
  choices: argument.argChoices,
})

const toFlagView = ({
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

const listExamples = (name: string): ReadonlyArray<string> =>
  (examples[name] ?? '').split('\n').flatMap(line => (line.trim() === '' ? [] : line.trim()))
