import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  defaultLockTimeoutMs,
  durationMistake,
  type Json,
  type Moment,
  parseDuration,
  parseJson,
  type Time,
  timeOf,
} from '@claimlog/client/unstable-internals'
import { readStdin, readTextFile, valueLimit } from './input-text.ts'
import { parseTime } from './point-in-time.ts'
import type { CliError } from '../problem.ts'

/** A flag that takes a duration, in milliseconds. */
export const durationArgument = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError(durationMistake(text))
  return ms
}

/** A lease as flags have it: milliseconds, or `none` for one without an end. (commander turns a null into ''.) */
export type Lease = number | 'none'

/** A flag that takes a lease. */
export const leaseArgument = (text: string): Lease => (text === 'none' ? text : durationArgument(text))

/** A lease as commands have it: null is one without an end. */
export const leaseMsOf = (lease: Lease | undefined): number | null | undefined => (lease === 'none' ? null : lease)

/** A flag that takes a time to wait, which may be none at all. */
export const waitArgument = (text: string): number => (text === '0' ? 0 : durationArgument(text))

/** A flag that takes a backoff: how long the first wait is and how long the longest, as in `10s..1h`. */
export const backoffArgument = (text: string): { readonly firstMs: number; readonly maxMs: number } => {
  const [first = '', max = first, ...rest] = text.split('..')
  if (rest.length > 0) throw new InvalidArgumentError('Write the first wait and the longest, as in 10s..1h.')
  const [firstMs, maxMs] = [durationArgument(first), durationArgument(max)]
  if (firstMs > maxMs)
    throw new InvalidArgumentError('The first wait comes first, the longest after it, as in 10s..1h.')
  return { firstMs, maxMs }
}

/** A flag that takes a time, or `now`: the moment at which the command is decided. */
export const timeOrNowArgument = (text: string): Time => (text === 'now' ? text : timeArgument(text))

const timeArgument = (text: string, rule = timeRule): Time => {
  const ms = parseTime(text)
  if (ms === undefined) throw new InvalidArgumentError(rule)
  return timeOf(ms)
}

/** An argument that takes a moment of the log: the seq of its last event then, or a time. */
export const momentArgument = (text: string): Moment =>
  /^\d+$/.test(text) ? { seq: wholeNumberArgument(text) } : { time: timeArgument(text, momentRule) }

/** The flag by which a view is shown as it was. */
export const atOption = (what = 'as it was after the event of this seq, or at a time like 2026-01-31T09:00Z'): Option =>
  new Option('--at <moment>', what).argParser(momentArgument)

const momentRule = 'Write a seq like 12, a date, or a time with its zone like 2026-01-31T09:00Z.'
const timeRule = 'Write a time with its zone, like 2026-01-31T09:00Z or 2026-01-31T10:00:30+01:00.'

/** A flag that takes a directory. */
export const dirArgument = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('Name a directory.')
  return text
}

/** A flag that takes a whole number. */
export const wholeNumberArgument = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number of at most 15 digits.')
  return Number(text)
}

/** A flag that takes a whole number, at least 1. */
export const countArgument = (text: string): number => {
  const count = wholeNumberArgument(text)
  if (count === 0) throw new InvalidArgumentError('Write a whole number, at least 1.')
  return count
}

/** The flag by which a holder says which claim it speaks of. */
export const tokenOption = (): Option =>
  new Option('--token <n>', 'the token that claim answered: refuse if the claim is another one by now').argParser(
    wholeNumberArgument,
  )

/** A flag that takes names separated by commas. */
export const namesArgument = (text: string): ReadonlyArray<string> => text.split(',')

/** A flag that can be given more than once. */
export const collected = (value: string, before: ReadonlyArray<string> | undefined): ReadonlyArray<string> => [
  ...(before ?? []),
  value,
]

/** The JSON that a flag holds, or that stands in the file it names with `@`, or on stdin for `-`. */
export const jsonArgument = (flag: string, value: string | undefined): TE.TaskEither<CliError, Json | undefined> =>
  value === undefined
    ? TE.right(undefined)
    : pipe(
        jsonText(value),
        TE.chainW(text => TE.fromEither(E.mapLeft(notJson(flag))(parseJson(text)))),
      )

const jsonText = (value: string): TE.TaskEither<CliError, string> => {
  if (value === '-') return readStdin(valueLimit)
  return value.startsWith('@') ? readTextFile(value.slice(1), valueLimit) : TE.right(value)
}

const notJson =
  (flag: string) =>
  (detail: string): CliError => ({
    usage: 'bad_input',
    detail: `${flag} ${detail}`,
    mend: `write ${flag} '{"a": 1}', ${flag} '"text"', ${flag} @file.json, or ${flag} - to read stdin`,
  })

/** Gives `program` the flags that every command takes. */
export const withSettingsFlags = (program: Command): Command =>
  program
    .addOption(
      new Option('--dir <dir>', 'the directory that holds events.jsonl').argParser(dirArgument).env('CLAIMLOG_DIR'),
    )
    .option('--json', 'print JSON also where people are meant to read')
    .addOption(new Option('--by <name>', 'who gives the order, for the log').env('CLAIMLOG_BY'))
    .addOption(
      new Option('--durability <level>', 'what ok survives: a power cut, or a crash')
        .choices(['disk', 'os'])
        .default('disk')
        .env('CLAIMLOG_DURABILITY'),
    )
    .addOption(
      new Option('--lock-timeout <duration>', 'how long to wait for other writers')
        .argParser(durationArgument)
        .default(defaultLockTimeoutMs, '10s')
        .env('CLAIMLOG_LOCK_TIMEOUT'),
    )

/** The flag by which a caller that got no answer can ask again without harm. */
export const requestIdOption = (): Option =>
  new Option(
    '--request-id <id>',
    'your own id for this request: sent again, it gets the first answer and changes nothing',
  )
