import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isObject, Json, jsonDepthMax } from './json.ts'

/** `task_id` in camelCase: `taskId`. */
type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S

type CodecFields = Readonly<Record<string, t.Any>>
type DecodedRecord<R extends CodecFields, O extends CodecFields> = {
  readonly [K in keyof R & string as CamelCase<K>]: t.TypeOf<R[K]>
} & { readonly [K in keyof O & string as CamelCase<K>]?: t.TypeOf<O[K]> }

/** A field of a record, with its name in JSON and in code. */
type RecordField = {
  readonly wireName: string
  readonly codeName: string
  readonly codec: t.Any
  readonly required: boolean
}

/**
 * A codec built by {@link record} or {@link closedRecord}. `fields` has the order of writing; `closed` ones refuse
 * others.
 */
export type RecordCodec<A> = t.Type<A, Record<string, unknown>, unknown> & {
  readonly fields: () => ReadonlyArray<RecordField>
  readonly closed: boolean
}

/**
 * A codec that translates between snake_case in JSON and camelCase in code. No other code does that.
 *
 * Decodes an object with the `required` and any of the `optional` fields (snake_case names). The fields are built at
 * first use: a command uses two or three of some thirty codecs. Unknown fields are kept unchanged and encoded again, so
 * that fields of a newer version survive a copy. Encoding writes the fields in `order`, unknown ones before
 * `unknownFieldsAnchor`.
 *
 * One pass without allocation per field: this runs once for every line that is read.
 */
export const record = <R extends CodecFields, O extends CodecFields>(
  name: string,
  fields: () => RecordFields<R, O>,
  unknownFieldsAnchor: string,
): RecordCodec<DecodedRecord<R, O>> =>
  buildRecord(
    name,
    lazyLayout(() => listFields(fields())),
    unknownFieldsAnchor,
  )

/** Like {@link record}, for input from outside: unknown fields are refused by name. */
export const closedRecord = <R extends CodecFields, O extends CodecFields>(
  name: string,
  required: R,
  optional: O,
): RecordCodec<DecodedRecord<R, O>> => lazyClosedRecord(name, () => ({ required, optional }))

/** Like {@link closedRecord}, with fields that are built at first use. */
export const lazyClosedRecord = <R extends CodecFields, O extends CodecFields>(
  name: string,
  fields: () => RecordFields<R, O>,
): RecordCodec<DecodedRecord<R, O>> =>
  buildRecord(
    name,
    lazyLayout(() => listFields(fields())),
    undefined,
  )

/** `order`: the names in the order they are written; by default the required ones first. */
type RecordFields<R extends CodecFields, O extends CodecFields> = {
  readonly required: R
  readonly optional: O
  readonly order?: ReadonlyArray<string>
}

const listFields = ({
  required,
  optional,
  order = [...Object.keys(required), ...Object.keys(optional)],
}: RecordFields<CodecFields, CodecFields>): ReadonlyArray<RecordField> =>
  order.map(wireName => {
    const codec = required[wireName] ?? optional[wireName]
    if (codec === undefined) throw new TypeError(`no codec for ${wireName}`)
    return { wireName, codeName: toCodeName(wireName), codec, required: wireName in required }
  })

/** The name of a field in code: `claimed_at` → `claimedAt`. */
export const toCodeName = (name: string): string =>
  name.includes('_') ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name

/** The name of a field in JSON: `claimedAt` → `claimed_at`. */
export const toWireName = (name: string): string => {
  let wireName = wireNames.get(name)
  if (wireName === undefined) {
    wireName = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
    wireNames.set(name, wireName)
  }
  return wireName
}

/** Few names are looked up for each task that is printed. */
const wireNames = new Map<string, string>()

const setField = (target: Record<string, unknown>, key: string, value: unknown): void => {
  // A plain assignment to `__proto__` would change the object's prototype instead of setting a field.
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}

/** The fields of a record, indexed by both names. */
type RecordLayout = {
  readonly fields: ReadonlyArray<RecordField>
  readonly byWireName: ReadonlyMap<string, RecordField>
  readonly codeNames: ReadonlySet<string>
  readonly requiredCount: number
}

/** Builds the layout of `fields` at first use. */
const lazyLayout = (fields: () => ReadonlyArray<RecordField>): (() => RecordLayout) => {
  let layout: RecordLayout | undefined
  return () => (layout ??= buildLayout(fields()))
}

const buildLayout = (fields: ReadonlyArray<RecordField>): RecordLayout => ({
  fields,
  byWireName: new Map(fields.map(field => [field.wireName, field])),
  codeNames: new Set(fields.map(field => field.codeName)),
  requiredCount: fields.filter(field => field.required).length,
})

/** Lists the errors in `wire` by path. Slow, so it is called only for invalid input. */
const listErrors = (
  layout: RecordLayout,
  closed: boolean,
  wire: Record<string, unknown>,
  context: t.Context,
): t.Errors => {
  const { fields, byWireName } = layout
  const errors: t.Errors = []
  for (const { wireName, codec, required } of fields) {
    if (!Object.hasOwn(wire, wireName)) {
      if (required) errors.push({ value: undefined, context, message: `needs "${wireName}"` })
    } else {
      const value = wire[wireName]
      const result = codec.validate(value, t.appendContext(context, wireName, codec, value))
      if (E.isLeft(result)) errors.push(...result.left)
    }
  }
  if (closed)
    for (const key of Object.keys(wire))
      if (!byWireName.has(key))
        errors.push({ value: wire[key], context, message: `has an unknown field ${JSON.stringify(key)}` })
  return errors
}

const unknownProblem = (value: unknown): string =>
  Json.is(value) ? 'must be in snake_case' : `is nested more than ${jsonDepthMax} levels deep`

/** `anchor`: unknown fields are written before this one; undefined: they are refused. */
const buildRecord = <A>(name: string, layout: () => RecordLayout, anchor: string | undefined): RecordCodec<A> => {
  const closed = anchor === undefined

  const is = (u: unknown): u is A => {
    if (!isObject(u)) return false
    for (const { codeName, codec, required } of layout().fields) {
      const value = u[codeName]
      if (value === undefined ? required : !codec.is(value)) return false
    }
    return true
  }

  const validate = (u: unknown, context: t.Context): t.Validation<A> => {
    if (!isObject(u)) return t.failure(u, context, `must be an object`)
    const { byWireName, codeNames, requiredCount } = layout()
    const decoded: Record<string, unknown> = {}
    let requiredFound = 0
    for (const key in u) {
      const field = byWireName.get(key)
      const value = u[key]
      if (field === undefined) {
        if (closed || codeNames.has(key) || !Json.is(value)) return t.failures(unknownFieldErrors(u, key, context))
        setField(decoded, key, value)
        continue
      }
      const { codec } = field
      if (codec.encode === t.identity) {
        if (!codec.is(value)) return t.failures(listErrors(layout(), closed, u, context))
        decoded[field.codeName] = value
      } else {
        const result = codec.decode(value)
        if (E.isLeft(result)) return t.failures(listErrors(layout(), closed, u, context))
        decoded[field.codeName] = result.right
      }
      if (field.required) requiredFound += 1
    }
    return requiredFound === requiredCount
      ? t.success(decoded as A)
      : t.failures(listErrors(layout(), closed, u, context))
  }

  // An unknown field with the camelCase name of a known field would be mistaken for it once decoded.
  const unknownFieldErrors = (wire: Record<string, unknown>, key: string, context: t.Context): t.Errors =>
    closed
      ? listErrors(layout(), closed, wire, context)
      : [
          {
            value: wire[key],
            context,
            message: `has a field ${JSON.stringify(key)}, which ${unknownProblem(wire[key])}`,
          },
        ]

  const encode = (a: A): Record<string, unknown> => {
    const decoded = a as Record<string, unknown>
    const wire: Record<string, unknown> = {}
    const { fields, codeNames } = layout()
    for (const { wireName, codeName, codec } of fields) {
      if (wireName === anchor) for (const key in decoded) if (!codeNames.has(key)) setField(wire, key, decoded[key])
      const value = decoded[codeName]
      if (value !== undefined) wire[wireName] = codec.encode === t.identity ? value : codec.encode(value)
    }
    return wire
  }

  return Object.assign(new t.Type<A, Record<string, unknown>, unknown>(name, is, validate, encode), {
    fields: () => layout().fields,
    closed,
  })
}
