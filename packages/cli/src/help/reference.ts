import type { Argument, Command, Option } from 'commander'
import { examples } from './examples.ts'
import { topics } from './topics.ts'

/** A flag, as it is written and with what it means. */
export type FlagView = {
  readonly flags: string
  readonly about: string
  readonly choices?: ReadonlyArray<string>
  readonly default?: string
  readonly variable?: string
}

/** An argument of a command; `term` is how usage shows it, `[kind...]`. */
export type ArgumentView = {
  readonly name: string
  readonly term: string
  readonly about?: string
  readonly choices?: ReadonlyArray<string>
}

/** All that is defined of a command. */
export type CommandView = {
  readonly name: string
  readonly usage: string
  readonly about: string
  readonly arguments: ReadonlyArray<ArgumentView>
  readonly flags: ReadonlyArray<FlagView>
  readonly examples: ReadonlyArray<string>
}

/** All that is defined of the command line. `flags` are those that every command takes. */
export type ReferenceView = {
  readonly about: string
  readonly examples: ReadonlyArray<string>
  readonly commands: ReadonlyArray<CommandView>
  readonly flags: ReadonlyArray<FlagView>
  readonly topics: ReadonlyArray<{ readonly name: string; readonly about: string }>
}

export const commandView = (command: Command): CommandView => ({
  name: command.name(),
  usage: `claimlog ${command.name()} ${command.usage()}`,
  about: command.description(),
  arguments: command.registeredArguments.map(argumentView),
  flags: command.createHelp().visibleOptions(command).map(flagView),
  examples: examplesOf(command.name()),
})

/** What is defined of `program`, with all its commands. */
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
