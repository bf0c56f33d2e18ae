import type * as t from 'io-ts'
import type { RecordCodec } from './record.ts'
import type { SchemaCodec, JsonSchema, Nullable } from './json.ts'

/** The io-ts codecs that can be converted to a schema. */
type SupportedCodec =
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
export type ConvertCodec = (codec: t.Any) => JsonSchema

/** True if a codec has a JSON Schema attached. */
export const hasJsonSchema = (codec: t.Any): codec is SchemaCodec<unknown> => 'jsonSchema' in codec
/** True if a codec was built by `record` or `closedRecord`. */
export const isRecord = (codec: t.Any): codec is RecordCodec<unknown> => 'closed' in codec
const isNullable = (codec: t.Any): codec is Nullable<unknown> => 'unlessNull' in codec

/**
 * The JSON Schema (draft 2020-12) of the JSON form of `codec`; `convert` converts the codecs inside it.
 * Throws a TypeError for a codec of an unknown kind.
 */
export const codecSchema = (codec: t.Any, convert: ConvertCodec): JsonSchema => {
  if (hasJsonSchema(codec)) return codec.jsonSchema
  if (isNullable(codec)) return { anyOf: [convert(codec.unlessNull), { type: 'null' }] }
  if (isRecord(codec)) return recordSchema(codec, convert)
  const supported = codec as SupportedCodec
  switch (supported._tag) {
    case 'StringType':
      return { type: 'string' }
    case 'BooleanType':
      return { type: 'boolean' }
    case 'LiteralType':
      return { const: supported.value }
    case 'KeyofType':
      return { type: 'string', enum: Object.keys(supported.keys) }
    case 'ReadonlyArrayType':
      return { type: 'array', items: convert(supported.type) }
    case 'DictionaryType':
      return { type: 'object', additionalProperties: convert(supported.codomain) }
    case 'UnionType':
      return { anyOf: supported.types.map(convert) }
    case 'InterfaceType':
      return objectSchema(Object.entries(supported.props), Object.keys(supported.props), convert)
    case 'PartialType':
      return objectSchema(Object.entries(supported.props), [], convert)
    case 'IntersectionType':
      return mergeSchemas(supported.types.map(type => codecSchema(type, convert)))
    case 'ExactType':
      return { ...codecSchema(supported.type, convert), additionalProperties: false }
  }
  throw new TypeError(`cannot derive a JSON Schema from the codec ${codec.name}`)
}

/** The schema of a record in snake_case. An open record refuses the camelCase names of its fields. */
const recordSchema = (codec: RecordCodec<unknown>, convert: ConvertCodec): JsonSchema => {
  const fields = codec.fields()
  const schema = objectSchema(
    fields.map(field => [field.wireName, field.codec]),
    fields.filter(({ required }) => required).map(({ wireName }) => wireName),
    convert,
  )
  if (codec.closed) return { ...schema, additionalProperties: false }
  const codeNames = fields.filter(({ wireName, codeName }) => wireName !== codeName).map(({ codeName }) => codeName)
  return codeNames.length === 0 ? schema : { ...schema, propertyNames: { not: { enum: codeNames } } }
}

const objectSchema = (
  fields: ReadonlyArray<readonly [string, t.Any]>,
  required: ReadonlyArray<string>,
  convert: ConvertCodec,
): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(fields.map(([name, codec]) => [name, convert(codec)])),
  ...(required.length === 0 ? {} : { required }),
})

/** Merges several object schemas into one. */
const mergeSchemas = (schemas: ReadonlyArray<JsonSchema>): JsonSchema => {
  const required = schemas.flatMap(({ required }) => (required ?? []) as ReadonlyArray<string>)
  return {
    type: 'object',
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as JsonSchema,
    ...(required.length === 0 ? {} : { required }),
  }
}
