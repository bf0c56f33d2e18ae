import type { RecordCodec } from '@claimlog/codecs'
import { type Event, eventCodecs, logFormat } from '@claimlog/domain'

/** A field of a line of `events.jsonl`. */
type LineField = { readonly name: string; readonly required: boolean }

/** The version of the log format, and the fields of each event in the order they are written. */
export type LogFormat = {
  readonly format: number
  readonly events: ReadonlyArray<{ readonly event: Event['event']; readonly fields: ReadonlyArray<LineField> }>
}

/** Describes the fields of a line from the codecs. */
export const describeLogFormat = (): LogFormat => {
  const codecs = Object.entries(eventCodecs) as unknown as ReadonlyArray<[Event['event'], RecordCodec<Event>]>
  return {
    format: logFormat,
    events: codecs.map(([event, codec]) => ({
      event,
      fields: codec.fields().map(({ wireName, required }) => ({ name: wireName, required })),
    })),
  }
}
