import * as t from 'io-ts'
import { lazyClosedRecord } from '@claimlog/codecs'
import { Label, NewLabel, type Time, UpMs } from '../values/scalars.ts'
import { toElapsedTime } from '../time/clock.ts'
import type { State } from '../state/state.ts'

/** The years that a time in the log can have, with room for a lease that begins in the last one. */
const [nowMsMin, nowMsMax] = [Date.UTC(1900, 0), Date.UTC(9000, 0)]

/** True if a reading of the wall clock can be written to the log. */
export const isValidNowMs = (u: unknown): u is number => typeof u === 'number' && u >= nowMsMin && u <= nowMsMax

/** Milliseconds since the epoch. */
const NowMs = new t.Type<number>(
  'now',
  isValidNowMs,
  (u, context) => (isValidNowMs(u) ? t.success(u) : t.failure(u, context, clockErrorMessage)),
  t.identity,
)

export const clockErrorMessage = "this machine's clock is not between the years 1900 and 9000: set it and try again"

/**
 * The codec of one command. Every command carries a reading of the clocks, so that a decision is reproducible. It may
 * carry its author (`by`) and the caller's request id (`requestId`).
 */
export const commandCodec = <const K extends string, R extends t.Props, O extends t.Props>(
  command: K,
  required: R,
  optional: O,
) =>
  lazyClosedRecord(command, () => ({
    required: { command: t.literal(command), now_ms: NowMs, ...required },
    optional: { ...optional, by: NewLabel, request_id: NewLabel, boot: Label, up_ms: UpMs },
  }))

/**
 * The elapsed time at which a command is decided. Never earlier than the log: a clock that was set back cannot revive
 * an expired lease.
 */
export const decisionTime = ({ time, clock }: State, command: { readonly nowMs: number }): Time =>
  toElapsedTime(time, clock, command.nowMs)

/**
 * The author, request id and time that every event may carry. One literal with all fields: if a spread is followed by a
 * new field, V8 gives each object its own shape, and all code that reads it becomes slow.
 */
export const eventMetadata = (
  command: { readonly by?: Label; readonly requestId?: Label },
  time: Time,
): EventMetadata => ({
  by: command.by,
  requestId: command.requestId,
  time,
})

export type EventMetadata = {
  readonly by: Label | undefined
  readonly requestId: Label | undefined
  readonly time: Time
}
