import type * as t from 'io-ts'
import { codecSchema, hasJsonSchema, isRecord, type JsonSchema, type ConvertCodec } from '@claimlog/codecs'
import type { DocumentCodec } from '../documents/object.ts'

const hasDescription = (codec: t.Any): codec is DocumentCodec<unknown> => 'description' in codec

/** True if a codec gets an entry in `$defs`. */
const hasOwnDefinition = (codec: t.Any): boolean => hasJsonSchema(codec) || isRecord(codec) || hasDescription(codec)

/**
 * Builds the JSON Schema (draft 2020-12) of the JSON form of `codec`. Named codecs become `$defs`; `descriptions` has
 * the descriptions of those without one. Throws a TypeError for a codec of an unknown kind, or for two codecs with one
 * name.
 */
export const buildJsonSchema = (codec: t.Any, descriptions: Readonly<Record<string, string>> = {}): JsonSchema => {
  const definitions = new Map<string, { readonly codec: t.Any; readonly schema: JsonSchema }>()
  const convert: ConvertCodec = inner => {
    if (!hasOwnDefinition(inner)) return codecSchema(inner, convert)
    const name = inner.name.toLowerCase().replaceAll(' ', '_')
    const definition = definitions.get(name)
    if (definition !== undefined && definition.codec !== inner)
      throw new TypeError(`two codecs are named ${inner.name}`)
    if (definition === undefined) {
      const description = descriptions[name]
      const schema = {
        ...(description === undefined ? {} : { description }),
        ...buildSchema(inner, convert),
      }
      definitions.set(name, { codec: inner, schema })
    }
    return { $ref: `#/$defs/${name}` }
  }
  const body = buildSchema(codec, convert)
  const sorted = [...definitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { schema }]) => [name, schema])
  return sorted.length === 0 ? body : { ...body, $defs: Object.fromEntries(sorted) as JsonSchema }
}

const buildSchema = (codec: t.Any, convert: ConvertCodec): JsonSchema =>
  hasDescription(codec)
    ? { description: codec.description, ...codecSchema(codec, convert) }
    : codecSchema(codec, convert)
