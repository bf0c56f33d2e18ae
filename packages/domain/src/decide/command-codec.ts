import * as t from 'io-ts'
import { NewLabel } from '../names.ts'
import { closedRecord } from '../record.ts'

/** Milliseconds since the epoch, within the years that a time on a line can name. */
const NowMs = new t.Type<number>(
  'now',
  (u): u is number => typeof u === 'number' && u >= 0 && u <= latestNowMs,
  (u, context) =>
    typeof u === 'number' && u >= 0 && u <= latestNowMs
      ? t.success(u)
      : t.failure(u, context, 'must be a time before the year 9000'),
  t.identity,
)
const latestNowMs = Date.UTC(9000, 0)

/**
 * The codec of one command. Every command carries `now`, so that the same question asked again has the same answer,
 * and may carry who asks (`by`) and the caller's own id for it (`requestId`).
 */
export const commandCodec = <const K extends string, R extends t.Props, O extends t.Props>(
  command: K,
  required: R,
  optional: O,
) =>
  closedRecord(
    command,
    { command: t.literal(command), now_ms: NowMs, ...required },
    { ...optional, by: NewLabel, request_id: NewLabel },
  )
