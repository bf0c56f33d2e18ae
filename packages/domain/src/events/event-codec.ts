import * as t from 'io-ts'
import { record } from '@claimlog/codecs'
import { Label } from '../values/names.ts'
import { Seq, Time, UpMs } from '../values/scalars.ts'

const commonNames = ['by', 'request_id', 'clock', 'boot', 'up_ms']

/**
 * The codec of one kind of event: `seq` and `event` first, then its own fields, then `time`, as on the line.
 *
 * Every event may carry `by`, who gave an order that is no worker's, and `request_id`, the caller's own id for the
 * command. `clock`, `boot` and `up_ms` say what the writer's clocks said, if that does not follow from the log: see
 * `clock.ts`. `more` and `hash` are the log's: an event has them once it was read from one that keeps them.
 */
export const eventCodec = <const K extends string, R extends t.Props, O extends t.Props>(
  event: K,
  required: R,
  optional: O,
) =>
  record(
    event,
    () => ({
      required: { seq: Seq, event: t.literal(event), ...required, time: Time },
      optional: {
        ...optional,
        by: Label,
        request_id: Label,
        clock: Time,
        boot: Label,
        up_ms: UpMs,
        more: t.literal(true),
        hash: t.string,
      },
      order: [
        'seq',
        'event',
        ...Object.keys(required),
        ...Object.keys(optional),
        ...commonNames,
        'time',
        'more',
        'hash',
      ],
    }),
    'time',
  )
