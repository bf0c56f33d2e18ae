import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { Count } from '@claimlog/domain'
import { object, oneOf, optional } from './object.ts'
import { Amount } from './task.ts'

const texts = listOf(t.string, 'texts')

export const ArgumentView = object('argument', 'an argument of a command; term is how usage shows it', {
  name: t.string,
  term: t.string,
  about: optional(t.string),
  choices: optional(texts),
})
/** An argument of a command; `term` is how usage shows it, `[kind...]`. */
export type ArgumentView = t.TypeOf<typeof ArgumentView>

export const FlagView = object('flag', 'a flag as it is written; variable: what stands for it in the environment', {
  flags: t.string,
  about: t.string,
  choices: optional(texts),
  default: optional(t.string),
  variable: optional(t.string),
})
/** A flag, as it is written and with what it means. */
export type FlagView = t.TypeOf<typeof FlagView>

export const CommandView = object('command', 'all that is defined of a command', {
  name: t.string,
  usage: t.string,
  about: t.string,
  arguments: listOf(ArgumentView, 'arguments'),
  flags: listOf(FlagView, 'flags'),
  examples: texts,
})
/** All that is defined of a command. */
export type CommandView = t.TypeOf<typeof CommandView>

const TopicView = object('topic', 'what help tells beside the commands', { name: t.string, about: t.string })

export const ReferenceView = object('help', 'all commands; flags are those that every command takes', {
  about: t.string,
  examples: texts,
  commands: listOf(CommandView, 'commands'),
  flags: listOf(FlagView, 'flags'),
  topics: listOf(TopicView, 'topics'),
})
/** All that is defined of the command line. `flags` are those that every command takes. */
export type ReferenceView = t.TypeOf<typeof ReferenceView>

const ExitCodeView = object('exit code', 'an exit code, and the error words of the answers that have it', {
  exit: Amount,
  means: t.string,
  errors: texts,
})

export const ExitCodesView = object('exit codes', 'what each exit code means', {
  exit_codes: listOf(ExitCodeView, 'exit codes'),
})
/** The exit codes: what each means, and the `error` words that answers with it have. */
export type ExitCodesView = t.TypeOf<typeof ExitCodesView>

const ReadVariable = object('variable', 'a variable that is read; flag: what it stands for', {
  name: t.string,
  means: t.string,
  flag: optional(t.string),
})

const GivenVariable = object('given variable', 'a variable that a command finds', { name: t.string, means: t.string })

export const EnvironmentView = object(
  'environment',
  'the variables that claimlog reads, and those that a command run by it is given',
  { read: listOf(ReadVariable, 'variables'), given: listOf(GivenVariable, 'given variables') },
)
/** The variables that claimlog reads, and those that it gives to a command that it runs. */
export type EnvironmentView = t.TypeOf<typeof EnvironmentView>

const fieldFields = { name: t.string, optional: optional(t.literal(true)) }

export const EventField = object('event field', 'a field of an event', fieldFields)
/** A field of an event. */
export type EventField = t.TypeOf<typeof EventField>

const CommonField = object('common field', 'a field that every event may have', { ...fieldFields, means: t.string })

const EventView = object('event', 'an event, and the fields of its own', {
  event: t.string,
  means: t.string,
  fields: listOf(EventField, 'fields'),
})

export const LogFormatView = object('log format', 'what a line of events.jsonl says', {
  format: Count,
  line: t.string,
  chain: t.string,
  fields: listOf(CommonField, 'common fields'),
  events: listOf(EventView, 'events'),
})
/** What a line of `events.jsonl` says: the fields that every event may have, the events, and how the lines are chained. */
export type LogFormatView = t.TypeOf<typeof LogFormatView>

export const CompletionView = object('completion', 'what a shell is to read to complete the words of claimlog', {
  shell: oneOf(['bash', 'zsh', 'fish']),
  script: t.string,
})
/** What `completion` prints. */
export type CompletionView = t.TypeOf<typeof CompletionView>

export const VersionView = object('version', 'what claimlog is, what it runs on, and which logs it reads', {
  version: t.string,
  node: t.string,
  log_format: Count,
})
/** What `--version` prints. */
export type VersionView = t.TypeOf<typeof VersionView>
