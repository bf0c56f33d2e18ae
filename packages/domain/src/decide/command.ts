import * as t from 'io-ts'
import { lazyClosedRecord } from '@claimlog/codecs'
import { Label, NewLabel, type Time, UpMs } from '../values/scalars.ts'
import { elapsedAt } from '../time/clock.ts'
import type { State } from '../state/state.ts'

/** The years that a time on a line can name, with room for a lease that begins in the last of them. */
const [earliestNowMs, latestNowMs] = [Date.UTC(1900, 0), Date.UTC(9000, 0)]

/** Whether a wall clock says what a line can name. */
export const isNow = (u: unknown): u is number => typeof u === 'number' && u >= earliestNowMs && u <= latestNowMs

/** Milliseconds since the epoch. */
const NowMs = new t.Type<number>(
  'now',
  isNow,
  (u, context) => (isNow(u) ? t.success(u) : t.failure(u, context, clockProblem)),
  t.identity,
)

/** What is said of a clock that no line can name. */
export const clockProblem = "this machine's clock is not between the years 1900 and 9000: set it, and try again"

/**
 * The codec of one command. Every command carries a reading of the clocks, so that the same question asked again has the
 * same answer, and may carry who asks (`by`) and the caller's own id for it (`requestId`).
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
 * The moment on elapsed time that a command is decided at, in the state as whoever gives it sees it. Never earlier than
 * the log: a clock that was set back cannot make a lease that has ended live again.
 */
export const momentOf = ({ time, clock }: State, command: { readonly nowMs: number }): Time =>
  elapsedAt(time, clock, command.nowMs)

/**
 * Who gave the order and when, as every event may carry it. All in one literal: where a spread is followed by a field that
 * is new, V8 makes an object of a shape of its own each time, and whatever reads it afterwards is slow.
 */
export const stampOf = (command: { readonly by?: Label; readonly requestId?: Label }, time: Time): Stamp => ({
  by: command.by,
  requestId: command.requestId,
  time,
})

export type Stamp = { readonly by: Label | undefined; readonly requestId: Label | undefined; readonly time: Time }
