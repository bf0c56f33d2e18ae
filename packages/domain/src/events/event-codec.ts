import * as t from 'io-ts'
import { record, type RecordCodec } from '@claimlog/codecs'
import { Label, Seq, Time, UpMs } from '../values/scalars.ts'

const commonFieldNames = ['by', 'request_id', 'clock', 'boot', 'up_ms']

/**
 * The codec of one event type. The order of fields is that of the line: `seq` and `event`, its specific fields, then
 * `time`.
 *
 * Every event may carry `by`, the author of a command that is not a worker's, and `request_id`, the caller's id of the
 * command. `clock`, `boot` and `up_ms` are readings of the writer's clocks, written only if they do not follow from the
 * log: see `clock.ts`. `more` and `hash` belong to the log: events have them once they were read from a chained log.
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
        ...commonFieldNames,
        'time',
        'more',
        'hash',
      ],
    }),
    'time',
  )

/** A field of a line: the text before its value, and the codec of the value. */
type FieldLayout = {
  readonly codeName: string
  readonly prefix: string
  readonly codec: t.Any
  readonly isTime: boolean
}

/** Text that JSON does not escape. */
const noEscapePattern = /^[ !#-[\]-~]*$/

/** The same text as `JSON.stringify`. */
const toJsonText = (value: unknown): string => {
  if (typeof value === 'string') return noEscapePattern.test(value) ? `"${value}"` : JSON.stringify(value)
  return Number.isInteger(value) ? String(value) : JSON.stringify(value)
}

/**
 * Makes a function that writes records of `codec` as JSON text: the same text as
 * `JSON.stringify(codec.encode(record))`, without the intermediate object, which would double the cost. Unknown fields
 * come before `time`.
 */
export const createTextWriter = <A extends object>(codec: RecordCodec<A>): ((record: A) => string) => {
  let layout: ReadonlyArray<FieldLayout> | undefined
  let knownNames: ReadonlySet<string> = new Set()

  const createLayout = (): ReadonlyArray<FieldLayout> => {
    knownNames = new Set(codec.fields().map(field => field.codeName))
    return codec.fields().map(({ wireName, codeName, codec: fieldCodec }) => ({
      codeName,
      prefix: `,${JSON.stringify(wireName)}:`,
      codec: fieldCodec,
      isTime: wireName === 'time',
    }))
  }

  const unknownFields = (record: Readonly<Record<string, unknown>>): string => {
    let text = ''
    for (const key in record)
      if (!knownNames.has(key) && record[key] !== undefined)
        text += `,${JSON.stringify(key)}:${JSON.stringify(record[key])}`
    return text
  }

  return record => {
    layout ??= createLayout()
    const values = record as Readonly<Record<string, unknown>>
    let text = ''
    for (const { codeName, prefix, codec: fieldCodec, isTime } of layout) {
      if (isTime) text += unknownFields(values)
      const value = values[codeName]
      if (value === undefined) continue
      text += prefix + toJsonText(fieldCodec.encode === t.identity ? value : fieldCodec.encode(value))
    }
    return `{${text.slice(1)}}`
  }
}
