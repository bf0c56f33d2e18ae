import { refined, wholeNumber } from '@claimlog/codecs'
import type * as t from 'io-ts'

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
