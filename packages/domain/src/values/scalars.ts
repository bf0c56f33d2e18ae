import { type SchemaCodec, refinedCodec, wholeNumber } from '@claimlog/codecs'
import * as t from 'io-ts'
import { findNameFlaw } from './name-flaw.ts'

/** The number of a line in the log, starting at 1. */
export const Seq = wholeNumber('seq', 1, Number.MAX_SAFE_INTEGER)
/** The number of an attempt of a task, starting at 1. */
export const Attempt = wholeNumber('attempt', 1, Number.MAX_SAFE_INTEGER)
/** 0 is the most urgent, 9 the least; the default is 5. */
export const Priority = wholeNumber('priority', 0, 9)
/** 100 years. */
const durationMsMax = 3_155_760_000_000
/** A duration: whole milliseconds, from 1 to 100 years, so that computed times stay within valid dates. */
export const DurationMs = wholeNumber('duration in ms', 1, durationMsMax)
/** A delay: whole milliseconds, may be 0. */
export const DelayMs = wholeNumber('delay in ms', 0, durationMsMax)
/** A boot clock reading: whole milliseconds since the machine was started. */
export const UpMs = wholeNumber('up_ms', 0, Number.MAX_SAFE_INTEGER)
/** The maximum of attempts of a task, or of simultaneous claims of a kind. */
export const Count = wholeNumber('count', 1, 1_000_000)
/** The number of tasks to claim in one decision. */
export const ClaimCount = wholeNumber('claim count', 1, 1000)

const timePattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/**
 * A point in time: RFC 3339, UTC, milliseconds, always 24 characters (`2025-01-01T12:00:00.000Z`), so that string order
 * is time order.
 */
export const Time = refinedCodec(
  'time',
  'a time like 2025-01-01T12:00:00.000Z',
  {
    description: 'RFC 3339, UTC, milliseconds: string order is time order',
    type: 'string',
    format: 'date-time',
    pattern: timePattern.source,
  },
  (u): u is string => {
    if (typeof u !== 'string' || !timePattern.test(u)) return false
    // Every month has 28 days; later days need a check.
    return u.slice(8, 10) <= '28' || normalizeTime(u) === u
  },
)
export type Time = t.TypeOf<typeof Time>

/** undefined: the date does not exist. */
const normalizeTime = (text: string): string | undefined => {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/**
 * No white space, and no control, format or lone surrogate characters, which hide or move text. The two joiners are
 * format characters that some scripts and emoji need within a name. Logs contain such names; the rule for new names is
 * stricter.
 */
const visiblePattern = /^[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}](?:[\u200c\u200d]?[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}])*$/u

/** The fast path for nearly all names; ten times as fast. */
const plainAsciiPattern = /^[!-~]+$/

const isPlainName = (u: unknown, charactersMax: number): u is string =>
  typeof u === 'string' && u.length <= charactersMax && plainAsciiPattern.test(u)

const nameCodec = (typeName: string, charactersMax: number): SchemaCodec<string> => {
  const isValid = (u: unknown): u is string =>
    isPlainName(u, charactersMax) ||
    (typeof u === 'string' && visiblePattern.test(u) && (u.length <= charactersMax || [...u].length <= charactersMax))
  const rule = `1 to ${charactersMax} characters, no white space or control characters`
  return Object.assign(
    new t.Type<string>(
      typeName,
      isValid,
      (u, context) => (isValid(u) ? t.success(u) : t.failure(u, context, `must be a ${typeName}: ${rule}`)),
      t.identity,
    ),
    // JSON Schema counts characters like this codec, not UTF-16 units.
    {
      jsonSchema: {
        description: rule,
        type: 'string',
        minLength: 1,
        maxLength: charactersMax,
        pattern: visiblePattern.source,
      },
    },
  )
}

/** The codec of new names: refuses those in which {@link findNameFlaw} finds a flaw. */
const newNameCodec = (codec: SchemaCodec<string>): SchemaCodec<string> => {
  const charactersMax = Number(codec.jsonSchema.maxLength)
  const rule = `${String(codec.jsonSchema.description)}, no invisible characters`
  const isValid = (u: unknown): u is string =>
    isPlainName(u, charactersMax) || (codec.is(u) && findNameFlaw(u) === undefined)
  const explain = (u: unknown): string => {
    const flaw = typeof u === 'string' && u !== '' ? findNameFlaw(u) : undefined
    return `must be a ${codec.name}: ${rule}${flaw === undefined ? '' : `; ${flaw}`}`
  }
  return Object.assign(
    new t.Type<string>(
      codec.name,
      isValid,
      (u, context) =>
        isValid(u) ? t.success(u) : codec.is(u) ? t.failure(u, context, explain(u)) : codec.validate(u, context),
      t.identity,
    ),
    { jsonSchema: { ...codec.jsonSchema, description: rule } },
  )
}

/** A task's id: 1 to 200 characters, no white space or control characters. */
export const TaskId = nameCodec('task id', 200)

export type TaskId = t.TypeOf<typeof TaskId>

/** The name of a worker, chosen by the caller: 1 to 200 characters. */
export const WorkerName = nameCodec('worker name', 200)

export type WorkerName = t.TypeOf<typeof WorkerName>

/** The kind of a task, by which it is routed to workers: 1 to 64 characters. */
export const Kind = nameCodec('kind', 64)

export type Kind = t.TypeOf<typeof Kind>

/** Any other short name that a caller chooses: a key, a tag, a request id, the author of a command. */
export const Label = nameCodec('label', 200)

export type Label = t.TypeOf<typeof Label>

/** The codecs of names that a command introduces. Names that are in the log already are accepted as they are. */
export const NewTaskId = newNameCodec(TaskId)

export const NewWorkerName = newNameCodec(WorkerName)

export const NewKind = newNameCodec(Kind)

export const NewLabel = newNameCodec(Label)
