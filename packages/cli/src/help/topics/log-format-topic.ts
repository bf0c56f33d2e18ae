import { describeLogFormat, type LogFormat } from '@claimlog/client/unstable-internals'
import { type EventField, eventDescriptions, type LogFormatView } from '@claimlog/wire'
import type { HelpSection } from '../section.ts'

const line =
  'One JSON object per line, UTF-8, terminated by a newline, at most 1 MiB. Times are RFC 3339 in UTC with milliseconds; durations are whole milliseconds. Bytes after the last newline are not an event.'

const chain =
  "hash is the first 128 bits, as 32 hex digits, of SHA-256 over the previous line's hash digits (nothing for line 1) followed by this line's JSON text without the hash field, so that the text ends in }. claimlog verify checks it."

/** The fields that every event may have, in the order in which they are written. */
const commonMeanings: Readonly<Record<string, string>> = {
  seq: 'the number of the line: 1, 2, 3 … without a gap',
  event: 'what happened',
  by: 'who issued the command, if not the worker',
  request_id: "the caller's id for the command",
  clock: "the writer's wall clock, if it is behind time, which never goes back",
  boot: "id of the machine's boot, on its first line and after its clocks have moved against each other",
  up_ms: "the machine's uptime",
  time: 'when it happened; never earlier than the line before',
  more: 'true on every line but the last of a decision with several events; without its last line none of them counts',
  hash: 'links the line to the one before',
}

export const toLogFormatView = (): LogFormatView => {
  const { format, events } = describeLogFormat()
  const claimed = events.find(({ event }) => event === 'claimed')?.fields ?? []
  return {
    format,
    line,
    chain,
    fields: toFieldViews(claimed, true).map(field => ({ ...field, means: commonMeanings[field.name] ?? '' })),
    events: events.map(({ event, fields }) => ({
      event,
      means: eventDescriptions[event],
      fields: toFieldViews(fields, false),
    })),
  }
}

/** The fields that every event may have, or those specific to the event. */
const toFieldViews = (fields: LogFormat['events'][number]['fields'], common: boolean): ReadonlyArray<EventField> =>
  fields
    .filter(({ name }) => Object.hasOwn(commonMeanings, name) === common)
    // Every line has a hash; an event in memory has none yet.
    .map(({ name, required }) => (required || name === 'hash' ? { name } : { name, optional: true }))

const formatFields = (fields: ReadonlyArray<EventField>): string =>
  fields.map(({ name, optional }) => (optional === true ? `[${name}]` : name)).join(', ')

export const toLogFormatSections = (view: LogFormatView): ReadonlyArray<HelpSection> => [
  {
    title: `Log format ${view.format}: the lines of events.jsonl`,
    prose: [view.line, view.chain, 'A field in brackets is optional.'],
    entries: view.fields.map(({ name, optional, means }) => [formatFields([{ name, optional }]), means]),
  },
  {
    title: 'Events',
    prose: [],
    entries: view.events.map(({ event, means, fields }) => [event, `${means} (${formatFields(fields)})`]),
  },
]
