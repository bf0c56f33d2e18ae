import * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import { Count } from '@claimlog/domain'
import { object, enumCodec, optional } from './object.ts'
import { Amount } from './task.ts'
import type { View } from './view.ts'

const texts = listCodec(t.string, 'texts')

export const ArgumentView = object('argument', 'an argument of a command; term is its form in the usage line', {
  name: t.string,
  term: t.string,
  about: optional(t.string),
  choices: optional(texts),
  default: optional(t.string),
})
/** An argument of a command; `term` is its form in the usage line: `[kind...]`. */
export type ArgumentView = View<typeof ArgumentView>

export const FlagView = object('flag', 'a flag; variable is the environment variable with the same effect', {
  flags: t.string,
  about: t.string,
  choices: optional(texts),
  default: optional(t.string),
  variable: optional(t.string),
})
/** A flag with its description. */
export type FlagView = View<typeof FlagView>

const ExitCodeView = object('exit code of a command', 'an exit code, and the error codes that it stands for', {
  exit: Amount,
  errors: texts,
})

const PrintedSchemaView = object(
  'printed schema',
  'the name of a published schema, and the arguments with which the command prints a document of it',
  { schema: t.string, when: optional(t.string) },
)

export const CommandView = object(
  'command',
  'the definition of a command; access: whether it reads the log or writes to it; notes: paragraphs about its details',
  {
    name: t.string,
    group: t.string,
    usage: t.string,
    about: t.string,
    arguments: listCodec(ArgumentView, 'arguments'),
    flags: listCodec(FlagView, 'flags'),
    examples: texts,
    notes: texts,
    access: enumCodec(['none', 'read', 'write']),
    prints: t.string,
    schemas: listCodec(PrintedSchemaView, 'printed schemas'),
    exit_codes: listCodec(ExitCodeView, 'exit codes of the command'),
  },
)
/** The definition of a command. */
export type CommandView = View<typeof CommandView>

const TopicView = object('topic', 'a help topic other than a command', { name: t.string, about: t.string })

export const ReferenceView = object('help', 'all commands; flags are the global ones', {
  about: t.string,
  examples: texts,
  commands: listCodec(CommandView, 'commands'),
  flags: listCodec(FlagView, 'flags'),
  topics: listCodec(TopicView, 'topics'),
})
/** The definition of the command line. `flags` are the global ones. */
export type ReferenceView = View<typeof ReferenceView>

const DescribedExitCode = object('exit code', 'an exit code, and the error codes that it stands for', {
  exit: Amount,
  means: t.string,
  errors: texts,
})

const ErrorField = object('error field', 'a field that the document of an error can have', {
  name: t.string,
  means: t.string,
})

const ErrorCodeView = object('error code', 'the meaning of an error code, what to do, and the fields of its document', {
  error: t.string,
  exit: Amount,
  means: t.string,
  fix: t.string,
  fields: listCodec(ErrorField, 'error fields'),
})

export const ExitCodesView = object('exit codes', 'the meaning of each exit code and of each error code', {
  exit_codes: listCodec(DescribedExitCode, 'exit codes'),
  error_codes: listCodec(ErrorCodeView, 'error codes'),
})
/** The exit codes, each with its meaning and the error codes that it stands for, and the meaning of each error code. */
export type ExitCodesView = View<typeof ExitCodesView>

const ReadVariable = object('variable', 'a variable that claimlog reads; flag is the flag with the same effect', {
  name: t.string,
  means: t.string,
  flag: optional(t.string),
})

const ProvidedVariable = object('given variable', 'a variable that claimlog sets for a command', {
  name: t.string,
  means: t.string,
})

export const EnvironmentView = object(
  'environment',
  'the variables that claimlog reads, and those that it sets for the commands it runs',
  { read: listCodec(ReadVariable, 'variables'), given: listCodec(ProvidedVariable, 'given variables') },
)
/** The variables that claimlog reads, and those that it sets for the commands it runs. */
export type EnvironmentView = View<typeof EnvironmentView>

const eventFieldFields = { name: t.string, optional: optional(t.literal(true)) }

export const EventField = object('event field', 'a field of an event', eventFieldFields)
/** A field of an event. */
export type EventField = View<typeof EventField>

const CommonField = object('common field', 'a field that every event may have', {
  ...eventFieldFields,
  means: t.string,
})

const EventView = object('event', 'an event, and the fields that only it has', {
  event: t.string,
  means: t.string,
  fields: listCodec(EventField, 'fields'),
})

export const LogFormatView = object('log format', 'the format of a line of events.jsonl', {
  format: Count,
  line: t.string,
  chain: t.string,
  fields: listCodec(CommonField, 'common fields'),
  events: listCodec(EventView, 'events'),
})
/** The format of a line of `events.jsonl`: the common fields, the events, and the chain of hashes. */
export type LogFormatView = View<typeof LogFormatView>

export const CompletionView = object('completion', 'the script that a shell loads for tab completion', {
  shell: enumCodec(['bash', 'zsh', 'fish']),
  script: t.string,
})
/** The output of `completion`. */
export type CompletionView = View<typeof CompletionView>

export const VersionView = object('version', 'the versions of claimlog, Node and the log format', {
  version: t.string,
  node: t.string,
  log_format: Count,
})
/** The output of `--version`. */
export type VersionView = View<typeof VersionView>
