/**
 * The events: the possible lines of `events.jsonl`.
 *
 * Their names and fields ARE the storage format. Logs outlive versions: never rename, repurpose or remove one. To add
 * an event: add a file here, a line in `eventCodecs`, a case in `evolve` and in `invariantViolation`; the compiler
 * finds the rest. To add a field: make it optional. To change semantics: add a new event, or a new `format` in
 * `opened`.
 */
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { explainErrors, Json, type RecordCodec } from '@claimlog/codecs'
import { Added } from './added.ts'
import { Amended } from './amended.ts'
import { Cancelled } from './cancelled.ts'
import { Claimed } from './claimed.ts'
import { Completed } from './completed.ts'
import { Failed } from './failed.ts'
import { Held } from './held.ts'
import { Limited } from './limited.ts'
import { Moved } from './moved.ts'
import { Noted } from './noted.ts'
import { format, Opened } from './opened.ts'
import { Paused } from './paused.ts'
import { readPlainLine, writePlainClaimed, writePlainCompleted } from './plain-line.ts'
import { Released } from './released.ts'
import { Renewed } from './renewed.ts'
import { Repaired } from './repaired.ts'
import { Resumed } from './resumed.ts'
import { Retried } from './retried.ts'
import { Unheld } from './unheld.ts'
import { createTextWriter } from './event-codec.ts'
import type { TaskId } from '../values/scalars.ts'

/** The codec of each event, by its name. */
export const eventCodecs = {
  opened: Opened,
  added: Added,
  claimed: Claimed,
  renewed: Renewed,
  completed: Completed,
  failed: Failed,
  released: Released,
  held: Held,
  unheld: Unheld,
  cancelled: Cancelled,
  retried: Retried,
  amended: Amended,
  noted: Noted,
  paused: Paused,
  resumed: Resumed,
  limited: Limited,
  repaired: Repaired,
  moved: Moved,
} as const

/** One line of the log. `seq` is its number; an event about a task has its `taskId`. */
export type Event = { [K in keyof typeof eventCodecs]: t.TypeOf<(typeof eventCodecs)[K]> }[keyof typeof eventCodecs]

/** Why the JSON of a line is not an event: only a newer version knows it, or it is malformed. */
export type DecodeFailure = { readonly _tag: 'Unknown' | 'Malformed'; readonly detail: string }

const findCodec = (event: unknown): t.Type<Event, Record<string, unknown>, unknown> | undefined =>
  typeof event === 'string' && Object.hasOwn(eventCodecs, event)
    ? (eventCodecs[event as keyof typeof eventCodecs] as unknown as t.Type<Event, Record<string, unknown>, unknown>)
    : undefined

const eventTimeLimit = '9000'

/** Reads an event from the JSON of its line. */
export const decodeEvent = (json: unknown): E.Either<DecodeFailure, Event> => {
  const fields = (json ?? {}) as { readonly event?: unknown; readonly format?: unknown }
  const codec = findCodec(fields.event)
  if (codec === undefined)
    return typeof fields.event === 'string'
      ? E.left({ _tag: 'Unknown', detail: `the event ${JSON.stringify(fields.event)} is not known to this version` })
      : E.left({ _tag: 'Malformed', detail: 'it has no event name' })
  const decoded = codec.decode(json)
  if (E.isRight(decoded)) {
    const { seq, event, time } = decoded.right
    if ((seq === 1) !== (event === 'opened'))
      return E.left({ _tag: 'Malformed', detail: 'line 1 and no other line must be the event "opened"' })
    // No command is accepted at such a time: its lease might end in a year that a line cannot represent.
    return time < eventTimeLimit ? decoded : E.left({ _tag: 'Malformed', detail: `its time is ${time}` })
  }
  if (codec === (Opened as unknown) && fields.format !== format)
    return E.left({ _tag: 'Unknown', detail: `format ${formatJson(fields.format)} is not known to this version` })
  return E.left({ _tag: 'Malformed', detail: `${String(fields.event)}: ${explainErrors(decoded.left)}` })
}

/** Values that are nested too deep cannot be printed. */
const formatJson = (json: unknown): string =>
  json === undefined || Json.is(json) ? JSON.stringify(json) : 'of an unknown type'

const writers: Partial<Record<Event['event'], (event: Event) => string>> = {}

const writePlain = (event: Event): string | undefined => {
  if (event.event === 'claimed') return writePlainClaimed(event)
  return event.event === 'completed' ? writePlainCompleted(event) : undefined
}

/** The JSON text of an event. An event that was read from a log is written as exactly the same line. */
export const encodeEvent = (event: Event): string => {
  const plainLine = writePlain(event)
  if (plainLine !== undefined) return plainLine
  const writer = (writers[event.event] ??= createTextWriter(eventCodecs[event.event] as unknown as RecordCodec<Event>))
  return writer(event)
}

/** Converts events to lines of a log and back; `readPlain` is the fast path for most lines. */
export const lineCodec = { encode: encodeEvent, decode: decodeEvent, readPlain: readPlainLine } as const

export type { Added, Amended, Cancelled, Claimed, Completed, Failed, Held, Opened, Paused, Released, Renewed, Retried }
export { format } from './opened.ts'

export type TaskEvent = Extract<Event, { readonly taskId: TaskId }>

/** True if `event` is about one task. Checks the event name, as newer versions may add a `taskId` to any event. */
export const isTaskEvent = (event: Event): event is TaskEvent => {
  switch (event.event) {
    case 'opened':
    case 'repaired':
    case 'moved':
    case 'paused':
    case 'resumed':
    case 'limited':
      return false
    case 'added':
    case 'claimed':
    case 'renewed':
    case 'completed':
    case 'failed':
    case 'released':
    case 'held':
    case 'unheld':
    case 'cancelled':
    case 'retried':
    case 'amended':
    case 'noted':
      return true
  }
}

/** The task whose history `event` belongs to; undefined: none. */
export const eventTaskId = (event: Event): TaskId | undefined => (isTaskEvent(event) ? event.taskId : undefined)

/** True if `event` is part of the history of the task `id`. */
export const isAboutTask =
  (id: TaskId) =>
  (event: Event): event is TaskEvent =>
    isTaskEvent(event) && event.taskId === id
