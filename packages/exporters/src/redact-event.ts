import type { Json } from '@claimlog/codecs'
import { type Event, eventCodecs, isExpiryError, Time } from '@claimlog/domain'

/** Replaces a value: equal values get equal masks, and a mask cannot be reversed without the key. */
export type Mask = (json: string) => string

/** Fields with text from people and programs, or with names of people and things, in camelCase. */
const maskedFields: ReadonlySet<string> = new Set([
  ...['title', 'payload', 'result', 'error', 'stack', 'reason', 'text', 'progress'],
  ...['key', 'tags', 'by', 'requestId', 'sha256', 'boot', 'target'],
])

/** Fields of the log itself. A `hash` would confirm a guessed value. */
const removedFields: ReadonlySet<string> = new Set(['hash'])

/**
 * Masks the contents of an event: titles, payloads, results, errors and their stacks, reasons, notes, progress; keys, tags, request ids,
 * authors, boot ids; and fields that this version does not know. Keeps what the fold depends on: ids, kinds, workers,
 * dependencies, numbers and times, so that the state has the same structure. Removes the hash, which is no longer
 * valid.
 */
export const redactEvent = (event: Event, mask: Mask): Event => {
  const knownNames = knownFields(event.event)
  return Object.fromEntries(
    Object.entries(event)
      .filter(([name]) => !removedFields.has(name))
      .map(([name, value]) => [
        name,
        maskedFields.has(name) || !knownNames.has(name) ? maskValue(name, value, mask) : value,
      ]),
  ) as Event
}

const maskValue = (name: string, value: unknown, mask: Mask): unknown => {
  if (value === undefined || (name === 'error' && isExpiryMessage(value))) return value
  if (name === 'tags') return (value as ReadonlyArray<Json>).map(tag => mask(JSON.stringify(tag)))
  return mask(JSON.stringify(value))
}

/** True for claimlog's own message about an expired lease, which contains nothing but a time. */
const isExpiryMessage = (error: unknown): boolean =>
  typeof error === 'string' && isExpiryError(error) && error.split(' ').some(word => Time.is(word))

const fieldsByEvent = new Map<Event['event'], ReadonlySet<string>>()

const knownFields = (name: Event['event']): ReadonlySet<string> => {
  const fields = fieldsByEvent.get(name) ?? new Set(eventCodecs[name].fields().map(({ codeName }) => codeName))
  fieldsByEvent.set(name, fields)
  return fields
}
