import * as t from 'io-ts'
import type { Described, JsonSchema } from '../json-schema.ts'

const refined = <A>(name: string, rule: string, jsonSchema: JsonSchema, is: (u: unknown) => u is A): Described<A> =>
  Object.assign(
    new t.Type<A>(
      name,
      is,
      (u, context) => (is(u) ? t.success(u) : t.failure(u, context, `must be ${rule}`)),
      t.identity,
    ),
    { jsonSchema },
  )

/** A whole number from `min` to `max`, both included and neither past 2^53. */
export const wholeNumber = (name: string, min: number, max: number): Described<number> =>
  refined(
    name,
    `a whole number from ${min} to ${max}`,
    { type: 'integer', minimum: min, maximum: max },
    (u): u is number => Number.isSafeInteger(u) && (u as number) >= min && (u as number) <= max,
  )

/** A line's number in the log, from 1. */
export const Seq = wholeNumber('seq', 1, Number.MAX_SAFE_INTEGER)
/** The how-manieth claim of a task, from 1. */
export const Attempt = wholeNumber('attempt', 1, Number.MAX_SAFE_INTEGER)
/** 0 is most urgent, 9 least; 5 unless said. */
export const Priority = wholeNumber('priority', 0, 9)
/** 100 years. */
const longestMs = 3_155_760_000_000
/** A duration: whole milliseconds, at least 1, at most 100 years, so that no time computed from it leaves the calendar. */
export const DurationMs = wholeNumber('duration in ms', 1, longestMs)
/** A time to wait: whole milliseconds, or none at all. */
export const DelayMs = wholeNumber('delay in ms', 0, longestMs)
/** A boot clock: whole milliseconds since the machine was started. */
export const UpMs = wholeNumber('up_ms', 0, Number.MAX_SAFE_INTEGER)
/** How many attempts a task has, or how many claims a kind may have at once. */
export const Count = wholeNumber('count', 1, 1_000_000)
/** How many tasks may be claimed in one decision. */
export const ClaimCount = wholeNumber('claim count', 1, 1000)

const timePattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/**
 * A moment: RFC 3339, UTC, milliseconds, always 24 characters (`2025-01-01T12:00:00.000Z`),
 * so that comparing two as strings compares them as moments.
 */
export const Time = refined(
  'time',
  'a time like 2025-01-01T12:00:00.000Z',
  {
    description: 'RFC 3339, UTC, milliseconds: comparing two as strings compares them as moments',
    type: 'string',
    format: 'date-time',
    pattern: timePattern.source,
  },
  (u): u is string => {
    if (typeof u !== 'string' || !timePattern.test(u)) return false
    // Only the last days of a month are not in every month.
    return u.slice(8, 10) <= '28' || isoOf(u) === u
  },
)
export type Time = t.TypeOf<typeof Time>

/** undefined: there is no such day. */
const isoOf = (text: string): string | undefined => {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** Several of something, as messages call them: `a list of tasks`. */
export const listOf = <A, O>(codec: t.Type<A, O>, name: string): t.Type<ReadonlyArray<A>, ReadonlyArray<O>> =>
  t.readonlyArray(codec, name)

/** Free text from a person or a program; shown on terminals with its control characters escaped. */
export const Text = t.string

/** A codec made by {@link orNull}, and the one it was made of. */
export type OrNull<A> = t.Type<A | null> & { readonly unlessNull: t.Type<A> }

/** What `codec` takes, or null. */
export const orNull = <A>(codec: t.Type<A>): OrNull<A> =>
  Object.assign(
    new t.Type<A | null>(
      `${codec.name} or null`,
      (u): u is A | null => u === null || codec.is(u),
      (u, context) => (u === null ? t.success(null) : codec.validate(u, context)),
      t.identity,
    ),
    { unlessNull: codec },
  )
