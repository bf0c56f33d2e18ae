import type * as t from 'io-ts'
import { codecSchema, isDescribed, isRecord, type JsonSchema, type Refer } from '@claimlog/codecs'
import type { Named } from '../documents/object.ts'

const isNamed = (codec: t.Any): codec is Named<unknown> => 'description' in codec

/** True if a codec gets an entry in `$defs`. */
const hasOwnDefinition = (codec: t.Any): boolean => isDescribed(codec) || isRecord(codec) || isNamed(codec)

/**
 * Builds the JSON Schema (draft 2020-12) of the JSON form of `codec`. Named codecs become `$defs`; `descriptions` has
 * the descriptions of those without one. Throws a TypeError for a codec of an unknown kind, or for two codecs with one
 * name.
 */
export const jsonSchemaOf = (codec: t.Any, meanings: Readonly<Record<string, string>> = {}): JsonSchema => {
  const definitions = new Map<string, { readonly codec: t.Any; readonly schema: JsonSchema }>()
  const refer: Refer = inner => {
    if (!hasOwnDefinition(inner)) return codecSchema(inner, refer)
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
  isNamed(codec) ? { description: codec.description, ...codecSchema(codec, refer) } : codecSchema(codec, refer)
