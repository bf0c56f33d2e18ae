import type * as t from 'io-ts'
import type { Described, JsonSchema, OrNull, RecordCodec } from '@claimlog/domain'
import type { Named } from './view-codec.ts'

/** The codecs of io-ts that schemas are made of, and those of our own. */
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

/** How a schema speaks of a codec inside another one. */
type Refer = (codec: t.Any) => JsonSchema

const isDescribed = (codec: t.Any): codec is Described<unknown> => 'jsonSchema' in codec
const isOrNull = (codec: t.Any): codec is OrNull<unknown> => 'unlessNull' in codec
const isRecord = (codec: t.Any): codec is RecordCodec<unknown> => 'wireNames' in codec
const isNamed = (codec: t.Any): codec is Named<unknown> => 'description' in codec

/** Whether a codec is one that people have a word for: it gets a definition of its own. */
const hasOwnDefinition = (codec: t.Any): boolean => isDescribed(codec) || isRecord(codec) || isNamed(codec)

/**
 * The JSON Schema (draft 2020-12) of all that `codec` takes in files and prints. Codecs with a name of their own become
 * `$defs`, described by `meanings` where they do not describe themselves. Throws a TypeError where there is a codec that
 * says nothing of itself, or where two have one name.
 */
export const jsonSchemaOf = (codec: t.Any, meanings: Readonly<Record<string, string>> = {}): JsonSchema => {
  const definitions = new Map<string, { readonly codec: t.Any; readonly schema: JsonSchema }>()
  const refer: Refer = inner => {
    if (!hasOwnDefinition(inner)) return bodyOf(inner, refer)
    const name = inner.name.toLowerCase().replaceAll(' ', '_')
    const known = definitions.get(name)
    if (known !== undefined && known.codec !== inner) throw new TypeError(`two codecs are named ${inner.name}`)
    if (known === undefined) {
      const meaning = meanings[name]
      const schema = { ...(meaning === undefined ? {} : { description: meaning }), ...described(inner, refer) }
      definitions.set(name, { codec: inner, schema })
    }
    return { $ref: `#/$defs/${name}` }
  }
  const body = described(codec, refer)
  const sorted = [...definitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { schema }]) => [name, schema])
  return sorted.length === 0 ? body : { ...body, $defs: Object.fromEntries(sorted) as JsonSchema }
}

const described = (codec: t.Any, refer: Refer): JsonSchema =>
  isNamed(codec) ? { description: codec.description, ...bodyOf(codec, refer) } : bodyOf(codec, refer)

const bodyOf = (codec: t.Any, refer: Refer): JsonSchema => {
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
      return merged(known.types.map(type => bodyOf(type, refer)))
    case 'ExactType':
      return { ...bodyOf(known.type, refer), additionalProperties: false }
  }
  throw new TypeError(`no JSON Schema is known of the codec ${codec.name}`)
}

/** A record in the spelling of files. One that takes further fields takes none in our code's spelling of its own. */
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

/** One object with the fields of several. */
const merged = (schemas: ReadonlyArray<JsonSchema>): JsonSchema => {
  const required = schemas.flatMap(({ required }) => (required ?? []) as ReadonlyArray<string>)
  return {
    type: 'object',
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as JsonSchema,
    ...(required.length === 0 ? {} : { required }),
  }
}
