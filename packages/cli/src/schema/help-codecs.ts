import * as t from 'io-ts'
import { Count } from '@claimlog/domain'
import { Amount } from '@claimlog/wire/documents'
import type { EnvironmentView } from '../help/environment-topic.ts'
import type { ExitCodesView } from '../help/exit-codes-topic.ts'
import type { LogFormatView } from '../help/log-format-topic.ts'
import type { ArgumentView, CommandView, FlagView, ReferenceView } from '../help/reference.ts'
import { type Shell, shells } from '../completion/shells.ts'
import { optional, view } from './view-codec.ts'

const texts = t.readonlyArray(t.string)

const ArgumentCodec = view<ArgumentView>('argument', 'an argument of a command; term is how usage shows it', {
  name: t.string,
  term: t.string,
  about: optional(t.string),
  choices: optional(texts),
})

const FlagCodec = view<FlagView>('flag', 'a flag as it is written; variable: what stands for it in the environment', {
  flags: t.string,
  about: t.string,
  choices: optional(texts),
  default: optional(t.string),
  variable: optional(t.string),
})

export const HelpCommandCodec = view<CommandView>('command', 'all that is defined of a command', {
  name: t.string,
  usage: t.string,
  about: t.string,
  arguments: t.readonlyArray(ArgumentCodec),
  flags: t.readonlyArray(FlagCodec),
  examples: texts,
})

const TopicCodec = view<ReferenceView['topics'][number]>('topic', 'what help tells beside the commands', {
  name: t.string,
  about: t.string,
})

export const HelpCodec = view<ReferenceView>('help', 'all commands; flags are those that every command takes', {
  about: t.string,
  examples: texts,
  commands: t.readonlyArray(HelpCommandCodec),
  flags: t.readonlyArray(FlagCodec),
  topics: t.readonlyArray(TopicCodec),
})

const ExitCodeCodec = view<ExitCodesView['exit_codes'][number]>(
  'exit code',
  'an exit code, and the error words of the answers that have it',
  { exit: Amount, means: t.string, errors: texts },
)

export const ExitCodesCodec = view<ExitCodesView>('exit codes', 'what each exit code means', {
  exit_codes: t.readonlyArray(ExitCodeCodec),
})

const ReadCodec = view<EnvironmentView['read'][number]>(
  'variable',
  'a variable that is read; flag: what it stands for',
  {
    name: t.string,
    means: t.string,
    flag: optional(t.string),
  },
)

const GivenCodec = view<EnvironmentView['given'][number]>('given variable', 'a variable that a command finds', {
  name: t.string,
  means: t.string,
})

export const EnvironmentCodec = view<EnvironmentView>(
  'environment',
  'the variables that claimlog reads, and those that a command run by it is given',
  { read: t.readonlyArray(ReadCodec), given: t.readonlyArray(GivenCodec) },
)

type EventView = LogFormatView['events'][number]

const EventFieldCodec = view<EventView['fields'][number]>('event field', 'a field of an event', {
  name: t.string,
  optional: optional(t.literal(true)),
})

const CommonFieldCodec = view<LogFormatView['fields'][number]>('common field', 'a field that every event may have', {
  name: t.string,
  optional: optional(t.literal(true)),
  means: t.string,
})

const EventCodec = view<EventView>('event', 'an event, and the fields of its own', {
  event: t.string,
  means: t.string,
  fields: t.readonlyArray(EventFieldCodec),
})

export const LogFormatCodec = view<LogFormatView>('log format', 'what a line of events.jsonl says', {
  format: Count,
  line: t.string,
  chain: t.string,
  fields: t.readonlyArray(CommonFieldCodec),
  events: t.readonlyArray(EventCodec),
})

type Script = { readonly shell: Shell; readonly script: string }

export const CompletionCodec = view<Script>('completion', 'what a shell is to read to complete the words of claimlog', {
  shell: t.keyof(Object.fromEntries(shells.map(shell => [shell, null])) as Record<Shell, null>),
  script: t.string,
})

type Version = { readonly version: string; readonly node: string; readonly log_format: number }

export const VersionCodec = view<Version>('version', 'what claimlog is, what it runs on, and which logs it reads', {
  version: t.string,
  node: t.string,
  log_format: Count,
})
