import * as t from 'io-ts'
import type { Described } from '@claimlog/codecs'
import { nameFlaw } from './name-flaw.ts'

/**
 * No white space, no control, format or lone surrogate characters, which hide or move text. The two joiners are format
 * characters that some scripts and emoji need, within a name. Logs hold names of this kind: what a new name may be is less.
 */
const visible = /^[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}](?:[\u200c\u200d]?[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}])*$/u
/** Nearly every name there is; ten times as fast to test. */
const plainAscii = /^[!-~]+$/

const isPlain = (u: unknown, maxCharacters: number): u is string =>
  typeof u === 'string' && u.length <= maxCharacters && plainAscii.test(u)

const name = (what: string, maxCharacters: number): Described<string> => {
  const is = (u: unknown): u is string =>
    isPlain(u, maxCharacters) ||
    (typeof u === 'string' && visible.test(u) && (u.length <= maxCharacters || [...u].length <= maxCharacters))
  const rule = `1 to ${maxCharacters} characters, no white space or control characters`
  return Object.assign(
    new t.Type<string>(
      what,
      is,
      (u, context) => (is(u) ? t.success(u) : t.failure(u, context, `must be a ${what}: ${rule}`)),
      t.identity,
    ),
    // JSON Schema counts characters, as we do, and not units of UTF-16.
    {
      jsonSchema: {
        description: rule,
        type: 'string',
        minLength: 1,
        maxLength: maxCharacters,
        pattern: visible.source,
      },
    },
  )
}

/** The same names but those that a new one must not be, as {@link nameFlaw} says. */
const newName = (codec: Described<string>): Described<string> => {
  const maxCharacters = Number(codec.jsonSchema.maxLength)
  const rule = `${String(codec.jsonSchema.description)}, none that cannot be seen`
  const is = (u: unknown): u is string => isPlain(u, maxCharacters) || (codec.is(u) && nameFlaw(u) === undefined)
  const explain = (u: unknown): string => {
    const flaw = typeof u === 'string' && u !== '' ? nameFlaw(u) : undefined
    return `must be a ${codec.name}: ${rule}${flaw === undefined ? '' : `; ${flaw}`}`
  }
  return Object.assign(
    new t.Type<string>(
      codec.name,
      is,
      (u, context) =>
        is(u) ? t.success(u) : codec.is(u) ? t.failure(u, context, explain(u)) : codec.validate(u, context),
      t.identity,
    ),
    { jsonSchema: { ...codec.jsonSchema, description: rule } },
  )
}

/** A task's id: 1 to 200 characters, no white space or control characters. */
export const TaskId = name('task id', 200)
export type TaskId = t.TypeOf<typeof TaskId>

/** Who claims: 1 to 200 characters, chosen by the caller. */
export const WorkerName = name('worker name', 200)
export type WorkerName = t.TypeOf<typeof WorkerName>

/** What a task is routed by: 1 to 64 characters. */
export const Kind = name('kind', 64)
export type Kind = t.TypeOf<typeof Kind>

/** Any other short name a caller chooses: a key, a tag, a request id, who gave an order. */
export const Label = name('label', 200)
export type Label = t.TypeOf<typeof Label>

/** A name that a command brings in. Names that the log has already are as they are. */
export const NewTaskId = newName(TaskId)
export const NewWorkerName = newName(WorkerName)
export const NewKind = newName(Kind)
export const NewLabel = newName(Label)
