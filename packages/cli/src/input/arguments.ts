import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  defaultLockTimeoutMs,
  explainDurationError,
  type Json,
  type PointInTime,
  parseDuration,
  parseJson,
  type Time,
  timeFromMs,
  valueLimit,
} from '@claimlog/client/unstable-internals'
import { readFileArgument, readStdin } from './read-input.ts'
import { parseTime } from './parse-time.ts'
import type { CliError } from '../cli-error.ts'

/** Parses a duration to milliseconds. */
export const parseDurationArgument = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError(explainDurationError(text))
  return ms
}

/** The value of a lease flag: milliseconds, or `none` for no expiry. (commander turns a null into ''.) */
export type LeaseArgument = number | 'none'

/** Parses a lease. */
export const parseLeaseArgument = (text: string): LeaseArgument =>
  text === 'none' ? text : parseDurationArgument(text)

/** Converts a lease for the queue: null for no expiry. */
export const toLeaseMs = (lease: LeaseArgument | undefined): number | null | undefined =>
  lease === 'none' ? null : lease

/** Parses a duration that may be 0. */
export const parseWaitArgument = (text: string): number => (text === '0' ? 0 : parseDurationArgument(text))

/** Parses a backoff: the first and the longest delay, as in `10s..1h`. */
export const parseBackoffArgument = (text: string): { readonly firstMs: number; readonly maxMs: number } => {
  const [first = '', longest = first, ...rest] = text.split('..')
  if (rest.length > 0) throw new InvalidArgumentError('Write the first and the longest delay, as in 10s..1h.')
  const [firstMs, maxMs] = [parseDurationArgument(first), parseDurationArgument(longest)]
  if (firstMs > maxMs)
    throw new InvalidArgumentError('The first delay must not be longer than the longest, as in 10s..1h.')
  return { firstMs, maxMs }
}

/** Parses a time, or `now`: the time at which the command is decided. */
export const parseTimeOrNowArgument = (text: string): Time => (text === 'now' ? text : parseTimeArgument(text))

const parseTimeArgument = (text: string, rule = timeRule): Time => {
  const ms = parseTime(text)
  if (ms === undefined) throw new InvalidArgumentError(rule)
  return timeFromMs(ms)
}

/** Parses a point in time of the log: the seq of the last event, or a time. */
export const parsePointInTimeArgument = (text: string): PointInTime =>
  /^\d+$/.test(text) ? { seq: parseWholeNumberArgument(text) } : { time: parseTimeArgument(text, pointInTimeRule) }

/** The flag that shows a state of the past. */
export const createAtOption = (
  description = 'Show the state after the event with this seq, or at a time like 2026-01-31T09:00Z',
): Option => new Option('--at <seq_or_time>', description).argParser(parsePointInTimeArgument)

const pointInTimeRule = 'Write a seq like 12, a date, or a time with its zone like 2026-01-31T09:00Z.'
const timeRule = 'Write a time with its zone, like 2026-01-31T09:00Z or 2026-01-31T10:00:30+01:00.'

/** Parses the name of a directory. */
export const parseDirArgument = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('Name a directory.')
  return text
}

/** Parses a whole number. */
export const parseWholeNumberArgument = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number of at most 15 digits.')
  return Number(text)
}

/** Parses a whole number, at least 1. */
export const parseCountArgument = (text: string): number => {
  const count = parseWholeNumberArgument(text)
  if (count === 0) throw new InvalidArgumentError('Write a whole number, at least 1.')
  return count
}

/** The flag that identifies the claim. */
export const createTokenOption = (): Option =>
  new Option('--token <n>', 'Token that claim returned; refuse if the task has been claimed again since').argParser(
    parseWholeNumberArgument,
  )

/** Parses names separated by commas. */
export const parseNamesArgument = (text: string): ReadonlyArray<string> => text.split(',')

/** Collects the values of a flag that can be given more than once. */
export const collectValues = (value: string, earlier: ReadonlyArray<string> | undefined): ReadonlyArray<string> => [
  ...(earlier ?? []),
  value,
]

/** Reads JSON from the value of a flag, from a file for `@path`, or from stdin for `-`. */
export const readJsonArgument = (flag: string, value: string | undefined): TE.TaskEither<CliError, Json | undefined> =>
  value === undefined
    ? TE.right(undefined)
    : pipe(
        readJsonText(value),
        TE.chainW(text => TE.fromEither(E.mapLeft(toJsonError(flag))(parseJson(text)))),
      )

const readJsonText = (value: string): TE.TaskEither<CliError, string> => {
  if (value === '-') return readStdin(valueLimit)
  return value.startsWith('@') ? readFileArgument(value.slice(1), valueLimit) : TE.right(value)
}

const toJsonError =
  (flag: string) =>
  (detail: string): CliError => ({
    usage: 'bad_input',
    detail: `${flag} ${detail}`,
    hint: `write ${flag} '{"a": 1}', ${flag} '"text"', ${flag} @file.json, or ${flag} - to read stdin`,
  })

/** Adds the flags of every command to `program`. */
export const addSettingsFlags = (program: Command): Command =>
  program
    .addOption(
      // Parsed without commander, whose errors repeat the value, and with it a password.
      new Option('--log <url>', 'URL of a log on a server: postgres://user@host/database?workspace=name').env(
        'CLAIMLOG_LOG',
      ),
    )
    .addOption(
      new Option('--dir <dir>', 'Directory that contains events.jsonl').argParser(parseDirArgument).env('CLAIMLOG_DIR'),
    )
    .option('--json', 'Print JSON instead of text')
    .addOption(new Option('--by <name>', 'Name to record as the author of this change').env('CLAIMLOG_BY'))
    .addOption(
      new Option('--durability <level>', 'Report success after the fsync (disk) or after the write (os)')
        .choices(['disk', 'os'])
        .default('disk')
        .env('CLAIMLOG_DURABILITY'),
    )
    .addOption(
      new Option('--lock-timeout <duration>', 'How long to wait for other writers')
        .argParser(parseDurationArgument)
        .default(defaultLockTimeoutMs, '10s')
        .env('CLAIMLOG_LOCK_TIMEOUT'),
    )

/** The flag that makes a command idempotent, so that a caller without a result can repeat it safely. */
export const createRequestIdOption = (): Option =>
  new Option(
    '--request-id <id>',
    'Your id for this request; the same id again returns the first result and writes nothing',
  )
