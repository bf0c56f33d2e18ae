import type { RecordCodec } from '@claimlog/codecs'
import { type Event, eventCodecs, logFormat } from '@claimlog/domain'
import { eventMeanings } from './event-meanings.ts'
import type { Section } from './section.ts'

type FieldView = { readonly name: string; readonly optional?: true }

/** What a line of `events.jsonl` says: the fields that every event may have, the events, and how the lines are chained. */
export type LogFormatView = {
  readonly format: number
  readonly line: string
  readonly chain: string
  readonly fields: ReadonlyArray<FieldView & { readonly means: string }>
  readonly events: ReadonlyArray<{
    readonly event: string
    readonly means: string
    readonly fields: ReadonlyArray<FieldView>
  }>
}

const line =
  'One JSON object a line, UTF-8, ended by a newline, at most 1 MiB. Times are RFC 3339, UTC, with milliseconds; durations are whole milliseconds. Bytes after the last newline are no event.'

const chain =
  "hash is the first 128 bits, as 32 hex digits, of SHA-256 over the previous line's hash digits (nothing for line 1) followed by this line's JSON text without its hash, so that it ends in }. claimlog verify checks it."

/** What the fields mean that every event may have, in the order they are written in. */
const commonMeanings: Readonly<Record<string, string>> = {
  seq: 'the number of the line: 1, 2, 3 … without a gap',
  event: 'what happened',
  by: 'who gave the order, where it is no worker',
  request_id: "the caller's own id for the command",
  clock: "the writer's clock, where time could not go back to it",
  boot: 'which start of the machine, where the clocks moved against each other',
  up_ms: 'how long the machine had been up then',
  time: 'when; never earlier than the line before it',
  more: 'true on each line but the last of a decision of several events; without its last line it never happened',
  hash: 'what chains the log',
}

export const logFormatView = (): LogFormatView => {
  const events = Object.entries(eventCodecs) as unknown as ReadonlyArray<[Event['event'], RecordCodec<Event>]>
  const fieldsOf = (codec: RecordCodec<Event>, common: boolean): ReadonlyArray<FieldView> =>
    codec
      .fields()
      .filter(({ wireName }) => Object.hasOwn(commonMeanings, wireName) === common)
      // An event has its hash as soon as it is a line.
      .map(({ wireName, required }) =>
        required || wireName === 'hash' ? { name: wireName } : { name: wireName, optional: true },
      )
  return {
    format: logFormat,
    line,
    chain,
    fields: fieldsOf(eventCodecs.claimed as unknown as RecordCodec<Event>, true).map(field => ({
      ...field,
      means: commonMeanings[field.name] ?? '',
    })),
    events: events.map(([event, codec]) => ({ event, means: eventMeanings[event], fields: fieldsOf(codec, false) })),
  }
}

const listed = (fields: ReadonlyArray<FieldView>): string =>
  fields.map(({ name, optional }) => (optional === true ? `[${name}]` : name)).join(', ')

export const logFormatSections = (view: LogFormatView): ReadonlyArray<Section> => [
  {
    title: `Log format ${view.format}: a line of events.jsonl`,
    prose: [view.line, view.chain, 'A field in brackets is there only where it was given.'],
    entries: view.fields.map(({ name, optional, means }) => [listed([{ name, optional }]), means]),
  },
  {
    title: 'Events',
    prose: [],
    entries: view.events.map(({ event, means, fields }) => [event, `${means} (${listed(fields)})`]),
  },
]
