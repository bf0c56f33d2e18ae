import type { Argument, Command, Option } from 'commander'
import type { ArgumentView, CommandView, FlagView, ReferenceView } from '@claimlog/wire'
import { findLogAccess, listExitCodes } from './command-errors.ts'
import { commandOutput } from './command-output.ts'
import { examples } from './examples.ts'
import { findGroup } from './groups.ts'
import { notes } from './notes.ts'
import { topics } from './topics.ts'

export const toCommandView = (command: Command): CommandView => {
  const name = command.name()
  const isIdempotent = command.options.some(({ long }) => long === '--request-id')
  return {
    name,
    group: findGroup(name),
    usage: `claimlog ${name} ${command.usage()}`,
    about: command.description(),
    arguments: command.registeredArguments.map(toArgumentView),
    flags: command.createHelp().visibleOptions(command).map(toFlagView),
    examples: listExamples(name),
    notes: notes[name] ?? [],
    access: findLogAccess(name),
    ...(commandOutput[name] ?? { prints: '', schemas: [] }),
    exitCodes: listExitCodes(name, isIdempotent),
  }
}

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

const toArgumentView = (argument: Argument): ArgumentView => {
  const [about, defaultText] = splitDefault(argument.description)
  return {
    name: argument.name(),
    term: formatArgument(argument),
    about: about === '' ? undefined : about,
    choices: argument.argChoices,
    default: defaultText,
  }
}

/** Splits a description that ends in `(default: …)`, as for a default that the command itself applies. */
const splitDefault = (description: string): readonly [about: string, defaultText: string | undefined] => {
  const [, about, defaultText] = /^(.*) \(default: ([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(description) ?? []
  return about === undefined ? [description, undefined] : [about, defaultText]
}

const toFlagView = ({
  flags,
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  envVar,
}: Option): FlagView => {
  const [about, defaultText] = splitDefault(description)
  const ownDefault =
    typeof defaultValue === 'string' || typeof defaultValue === 'number' ? `${defaultValue}` : undefined
  return {
    flags,
    about,
    choices: argChoices,
    default: defaultValueDescription ?? ownDefault ?? defaultText,
    variable: envVar,
  }
}

const listExamples = (name: string): ReadonlyArray<string> =>
  (examples[name] ?? '').split('\n').flatMap(line => (line.trim() === '' ? [] : line.trim()))
