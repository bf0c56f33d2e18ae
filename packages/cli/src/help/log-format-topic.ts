import { describeLogFormat, type LogFormat } from '@claimlog/client/unstable-internals'
import { type EventField, eventMeanings, type LogFormatView } from '@claimlog/wire'
import type { Section } from './section.ts'

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
  const { format, events } = describeLogFormat()
  const claimed = events.find(({ event }) => event === 'claimed')?.fields ?? []
  return {
    format,
    line,
    chain,
    fields: fieldViews(claimed, true).map(field => ({ ...field, means: commonMeanings[field.name] ?? '' })),
    events: events.map(({ event, fields }) => ({
      event,
      means: eventMeanings[event],
      fields: fieldViews(fields, false),
    })),
  }
}

/** The fields that every event may have, or those that are an event's own. */
const fieldViews = (fields: LogFormat['events'][number]['fields'], common: boolean): ReadonlyArray<EventField> =>
  fields
    .filter(({ name }) => Object.hasOwn(commonMeanings, name) === common)
    // An event has its hash as soon as it is a line.
    .map(({ name, required }) => (required || name === 'hash' ? { name } : { name, optional: true }))

const listed = (fields: ReadonlyArray<EventField>): string =>
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
