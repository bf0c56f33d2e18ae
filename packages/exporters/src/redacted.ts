import type { Json } from '@claimlog/codecs'
import { type Event, eventCodecs, isLapseError, Time } from '@claimlog/domain'

/** Puts something else in the place of a value: the same for the same, which nobody can lead back without the key. */
export type Mask = (json: string) => string

/** What people and programs have written, in the spelling of code; and the names that stand for a person or a thing. */
const hidden: ReadonlySet<string> = new Set([
  ...['title', 'payload', 'result', 'error', 'reason', 'text', 'progress'],
  ...['key', 'tags', 'by', 'requestId', 'sha256', 'boot'],
])

/** What the log puts there itself: `hash` would tell whoever guesses a value whether it is the right one. */
const sealing: ReadonlySet<string> = new Set(['hash'])

/**
 * `event` with masks in the place of what its task is about: titles, payloads, results, errors, reasons, notes, progress;
 * keys, tags, request ids, who gave an order, and which start of which machine it was; and fields that this version does
 * not know. What the fold goes by stays: ids, kinds, workers, needs, numbers and times, so that it comes to the same.
 * Without its hash, which no longer holds.
 */
export const redacted = (event: Event, mask: Mask): Event => {
  const known = knownFields(event.event)
  return Object.fromEntries(
    Object.entries(event)
      .filter(([name]) => !sealing.has(name))
      .map(([name, value]) => [name, hidden.has(name) || !known.has(name) ? masked(name, value, mask) : value]),
  ) as Event
}

const masked = (name: string, value: unknown, mask: Mask): unknown => {
  if (value === undefined || (name === 'error' && isOwnWord(value))) return value
  if (name === 'tags') return (value as ReadonlyArray<Json>).map(tag => mask(JSON.stringify(tag)))
  return mask(JSON.stringify(value))
}

/** Where claimlog itself has recorded a lapse, in words that hold nothing but a time. */
const isOwnWord = (error: unknown): boolean =>
  typeof error === 'string' && isLapseError(error) && error.split(' ').some(word => Time.is(word))

const fieldsOf = new Map<Event['event'], ReadonlySet<string>>()

const knownFields = (name: Event['event']): ReadonlySet<string> => {
  const found = fieldsOf.get(name) ?? new Set(eventCodecs[name].fields().map(({ codeName }) => codeName))
  fieldsOf.set(name, found)
  return found
}
