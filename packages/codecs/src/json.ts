import * as t from 'io-ts'

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Deeper than any payload seen in practice, and far below the depth at which `JSON.stringify` overflows the stack. */
export const jsonDepthMax = 100

/** True for an object with fields: not null, and not a list. */
export const isObject = (u: unknown): u is Record<string, unknown> =>
  typeof u === 'object' && u !== null && !Array.isArray(u)

/** Copies an object without the fields that are undefined. */
export const omitUndefined = <A extends object>(fields: A): A => {
  const result: Partial<A> = {}
  for (const name in fields) if (fields[name] !== undefined) result[name] = fields[name]
  return result as A
}

const isJson = (u: unknown, depth: number): u is Json => {
  if (u === null || typeof u === 'boolean' || typeof u === 'string') return true
  if (typeof u === 'number') return Number.isFinite(u)
  if (typeof u !== 'object' || depth > jsonDepthMax) return false
  if (Array.isArray(u)) return u.every(item => isJson(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(u)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(u).every(value => isJson(value, depth + 1))
}

/**
 * Any JSON value, at most {@link jsonDepthMax} levels deep. Refuses values that `JSON.stringify` would change or drop.
 */
export const Json: SchemaCodec<Json> = Object.assign(
  new t.Type<Json>(
    'JSON',
    (u): u is Json => isJson(u, 1),
    (u, context) =>
      isJson(u, 1) ? t.success(u) : t.failure(u, context, `must be a JSON value, at most ${jsonDepthMax} levels deep`),
    t.identity,
  ),
  { jsonSchema: { description: `any JSON value, at most ${jsonDepthMax} levels deep` } },
)

/** A JSON object with any fields. */
export type JsonObject = { readonly [key: string]: Json }

/** True if a value contains a whole number beyond 2^53, which the parser may have rounded. */
const mayBeRounded = (json: Json): boolean => {
  if (typeof json === 'number') return Number.isInteger(json) && !Number.isSafeInteger(json)
  return typeof json === 'object' && json !== null && Object.values(json).some(mayBeRounded)
}

/**
 * Any JSON value from another parser, at most {@link jsonDepthMax} levels deep, without numbers that may be rounded.
 */
export const ExactJson: SchemaCodec<Json> = Object.assign(
  new t.Type<Json>(
    'exact JSON',
    (u): u is Json => isJson(u, 1) && !mayBeRounded(u),
    (u, context) =>
      ExactJson.is(u)
        ? t.success(u)
        : t.failure(
            u,
            context,
            `must be a JSON value, at most ${jsonDepthMax} levels deep, its numbers within 2^53 or as text`,
          ),
    t.identity,
  ),
  { jsonSchema: { type: ['object', 'array', 'string', 'number', 'boolean'] } },
)

/** A JSON object from another parser, at most {@link jsonDepthMax} levels deep, without numbers that may be rounded. */
export const JsonObject: SchemaCodec<JsonObject> = Object.assign(
  new t.Type<JsonObject>(
    'JSON object',
    (u): u is JsonObject => isObject(u) && isJson(u, 1) && !mayBeRounded(u),
    (u, context) =>
      JsonObject.is(u)
        ? t.success(u)
        : t.failure(
            u,
            context,
            `must be a JSON object like {"pages": 12}, at most ${jsonDepthMax} levels deep, its numbers within 2^53 or as text`,
          ),
    t.identity,
  ),
  { jsonSchema: { type: 'object' } },
)

/** Deep equality; the order of fields does not matter. */
export const isSameJson = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const fieldsA = definedFields(a)
  const fieldsB = new Map(definedFields(b))
  return (
    fieldsA.length === fieldsB.size &&
    fieldsA.every(([key, value]) => fieldsB.has(key) && isSameJson(value, fieldsB.get(key)))
  )
}

const definedFields = (object: object): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(object).filter(([, value]) => value !== undefined)

/** A JSON Schema (draft 2020-12), as data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A codec with a JSON Schema. The schema is a literal, so that it costs nothing if it is not used. */
export type SchemaCodec<A> = t.Type<A> & { readonly jsonSchema: JsonSchema }

/** A codec for the values that `is` accepts, unchanged; for others the error is `must be ${rule}`. */
export const refinedCodec = <A>(
  name: string,
  rule: string,
  jsonSchema: JsonSchema,
  is: (u: unknown) => u is A,
): SchemaCodec<A> =>
  Object.assign(
    new t.Type<A>(
      name,
      is,
      (u, context) => (is(u) ? t.success(u) : t.failure(u, context, `must be ${rule}`)),
      t.identity,
    ),
    { jsonSchema },
  )

/** A whole number from `min` to `max`, both inclusive and at most 2^53. */
export const wholeNumber = (name: string, min: number, max: number): SchemaCodec<number> =>
  refinedCodec(
    name,
    `a whole number from ${min} to ${max}`,
    { type: 'integer', minimum: min, maximum: max },
    (u): u is number => Number.isSafeInteger(u) && (u as number) >= min && (u as number) <= max,
  )

/** A list; `name` is used in messages: `a list of tasks`. */
export const listCodec = <A, O>(codec: t.Type<A, O>, name: string): t.Type<ReadonlyArray<A>, ReadonlyArray<O>> =>
  t.readonlyArray(codec, name)

/** Free text from a person or a program. Control characters are escaped before it is printed to a terminal. */
export const Text = t.string

/** A codec built by {@link nullable}, with the codec that it wraps. */
export type Nullable<A> = t.Type<A | null> & { readonly unlessNull: t.Type<A> }

/** A value of `codec`, or null. */
export const nullable = <A>(codec: t.Type<A>): Nullable<A> =>
  Object.assign(
    new t.Type<A | null>(
      `${codec.name} or null`,
      (u): u is A | null => u === null || codec.is(u),
      (u, context) => (u === null ? t.success(null) : codec.validate(u, context)),
      t.identity,
    ),
    { unlessNull: codec },
  )
