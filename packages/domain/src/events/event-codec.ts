import * as t from 'io-ts'
import { record, type RecordCodec } from '@claimlog/codecs'
import { Label, Seq, Time, UpMs } from '../values/scalars.ts'

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

/** A field on its way into a line: what stands before its value, and how the value is encoded where it is no scalar. */
type Piece = { readonly codeName: string; readonly opening: string; readonly codec: t.Any; readonly isTime: boolean }

/** Text that stands in JSON as it is. */
const needsNoEscape = /^[ !#-[\]-~]*$/

/** As `JSON.stringify` writes it. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return needsNoEscape.test(value) ? `"${value}"` : JSON.stringify(value)
  return Number.isInteger(value) ? String(value) : JSON.stringify(value)
}

/**
 * Writes the records of `codec` as JSON text: what `JSON.stringify` makes of `codec.encode`, without the object between,
 * which would cost as much again. Fields it does not know stand before `time`.
 */
export const textWriter = <A extends object>(codec: RecordCodec<A>): ((record: A) => string) => {
  let pieces: ReadonlyArray<Piece> | undefined
  let known: ReadonlySet<string> = new Set()

  const layOut = (): ReadonlyArray<Piece> => {
    known = new Set(codec.fields().map(field => field.codeName))
    return codec.fields().map(({ wireName, codeName, codec: ofField }) => ({
      codeName,
      opening: `,${JSON.stringify(wireName)}:`,
      codec: ofField,
      isTime: wireName === 'time',
    }))
  }

  const unknownFields = (record: Readonly<Record<string, unknown>>): string => {
    let text = ''
    for (const key in record)
      if (!known.has(key) && record[key] !== undefined) text += `,${JSON.stringify(key)}:${JSON.stringify(record[key])}`
    return text
  }

  return record => {
    pieces ??= layOut()
    const values = record as Readonly<Record<string, unknown>>
    let text = ''
    for (const { codeName, opening, codec: ofField, isTime } of pieces) {
      if (isTime) text += unknownFields(values)
      const value = values[codeName]
      if (value === undefined) continue
      text += opening + textOf(ofField.encode === t.identity ? value : ofField.encode(value))
    }
    return `{${text.slice(1)}}`
  }
}
