import type * as t from 'io-ts'
import type { RecordCodec } from './record.ts'
import type { Described, JsonSchema, OrNull } from './json.ts'

/** The io-ts codecs that can be converted to a schema. */
type Known =
  | t.StringType
  | t.BooleanType
  | t.LiteralType<string | number | boolean>
  | t.KeyofType<Readonly<Record<string, unknown>>>
  | t.ReadonlyArrayType<t.Any>
  | t.DictionaryType<t.StringC, t.Any>
  | t.UnionType<Array<t.Any>>
  | t.InterfaceType<t.Props>
  | t.PartialType<t.Props>
  | t.IntersectionType<Array<t.Any>>
  | t.ExactType<t.Any>

/** Returns the schema of a codec that is used inside another one: inline, or a `$ref`. */
export type Refer = (codec: t.Any) => JsonSchema

/** True if a codec has a JSON Schema attached. */
export const isDescribed = (codec: t.Any): codec is Described<unknown> => 'jsonSchema' in codec
/** True if a codec was built by `record` or `closedRecord`. */
export const isRecord = (codec: t.Any): codec is RecordCodec<unknown> => 'wireNames' in codec
const isOrNull = (codec: t.Any): codec is OrNull<unknown> => 'unlessNull' in codec

/**
 * The JSON Schema (draft 2020-12) of the JSON form of `codec`; `convert` converts the codecs inside it.
 * Throws a TypeError for a codec of an unknown kind.
 */
export const codecSchema = (codec: t.Any, refer: Refer): JsonSchema => {
  if (isDescribed(codec)) return codec.jsonSchema
  if (isOrNull(codec)) return { anyOf: [refer(codec.unlessNull), { type: 'null' }] }
  if (isRecord(codec)) return recordSchema(codec, refer)
  const known = codec as Known
  switch (known._tag) {
    case 'StringType':
      return { type: 'string' }
    case 'BooleanType':
      return { type: 'boolean' }
    case 'LiteralType':
      return { const: known.value }
    case 'KeyofType':
      return { type: 'string', enum: Object.keys(known.keys) }
    case 'ReadonlyArrayType':
      return { type: 'array', items: refer(known.type) }
    case 'DictionaryType':
      return { type: 'object', additionalProperties: refer(known.codomain) }
    case 'UnionType':
      return { anyOf: known.types.map(refer) }
    case 'InterfaceType':
      return objectSchema(Object.entries(known.props), Object.keys(known.props), refer)
    case 'PartialType':
      return objectSchema(Object.entries(known.props), [], refer)
    case 'IntersectionType':
      return merged(known.types.map(type => codecSchema(type, refer)))
    case 'ExactType':
      return { ...codecSchema(known.type, refer), additionalProperties: false }
  }
  throw new TypeError(`cannot derive a JSON Schema from the codec ${codec.name}`)
}

/** The schema of a record in snake_case. An open record refuses the camelCase names of its fields. */
const recordSchema = (codec: RecordCodec<unknown>, refer: Refer): JsonSchema => {
  const fields = codec.fields()
  const schema = objectSchema(
    fields.map(field => [field.wireName, field.codec]),
    fields.filter(({ required }) => required).map(({ wireName }) => wireName),
    refer,
  )
  if (codec.closed) return { ...schema, additionalProperties: false }
  const misspelt = fields.filter(({ wireName, codeName }) => wireName !== codeName).map(({ codeName }) => codeName)
  return misspelt.length === 0 ? schema : { ...schema, propertyNames: { not: { enum: misspelt } } }
}

const objectSchema = (
  fields: ReadonlyArray<readonly [string, t.Any]>,
  required: ReadonlyArray<string>,
  refer: Refer,
): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(fields.map(([name, codec]) => [name, refer(codec)])),
  ...(required.length === 0 ? {} : { required }),
})

/** Merges several object schemas into one. */
const merged = (schemas: ReadonlyArray<JsonSchema>): JsonSchema => {
  const required = schemas.flatMap(({ required }) => (required ?? []) as ReadonlyArray<string>)
  return {
    type: 'object',
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as JsonSchema,
    ...(required.length === 0 ? {} : { required }),
  }
}
