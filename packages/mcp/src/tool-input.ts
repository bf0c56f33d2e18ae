import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as t from 'io-ts'
import { parseJson } from '@claimlog/client/unstable-internals'
import {
  codecSchema,
  explainErrors,
  hasJsonSchema,
  isObject,
  isRecord,
  type JsonSchema,
  type RecordCodec,
} from '@claimlog/codecs'
import type { Problem } from './mcp-options.ts'

/** Descriptions by field name. */
type FieldTexts = Readonly<Record<string, string>>

/**
 * Returns the JSON Schema of a tool's arguments for `tools/list`. The model reads it in every turn, so names have a
 * short pattern that is slightly too permissive; the codec refuses the rest, with a message.
 */
export const inputSchema = (input: t.Any, about: FieldTexts): JsonSchema => {
  const { properties, ...schema } = codecSchema(input, codec => shortSchema(codec, about))
  const described = Object.entries(properties as Record<string, JsonSchema>).map(([field, said]) => {
    const description = about[field]
    return [field, description === undefined ? said : { ...said, description }] as const
  })
  return { ...schema, properties: Object.fromEntries(described) }
}

const shortSchema = (codec: t.Any, about: FieldTexts): JsonSchema => {
  if (hasJsonSchema(codec)) return shortOf(codec.jsonSchema)
  return isRecord(codec) ? inputSchema(codec, about) : codecSchema(codec, inner => shortSchema(inner, about))
}

const shortOf = ({ type, maxLength, format, minimum, maximum }: JsonSchema): JsonSchema => {
  // Some models accept one type per schema only, and clients drop schemas with several.
  if (Array.isArray(type)) return { anyOf: type.map(each => ({ type: each as unknown })) }
  if (type === 'object') return { type }
  if (typeof maxLength === 'number') return { type, pattern: `^\\S{1,${maxLength}}$` }
  if (format !== undefined) return { type, format }
  return { type, minimum, ...(Number(maximum) < Number.MAX_SAFE_INTEGER ? { maximum } : {}) }
}

/** Decodes the arguments of a tool, after {@link asMeant}. Left: a message with the expected arguments. */
export const decodeInput = <A>(name: string, input: RecordCodec<A>, given: unknown): E.Either<Problem, A> =>
  pipe(
    input.decode(asMeant(input, given ?? {})),
    E.mapLeft(errors => misfit(name, input, explainErrors(errors))),
  )

const misfit = <A>(name: string, input: RecordCodec<A>, explanation: string): Problem => {
  const fields = input.fields().map(({ wireName, required }) => (required ? `${wireName} (required)` : wireName))
  return {
    error: 'bad_input',
    message: `invalid arguments of ${name}: ${explanation}`,
    hint: `${name} takes ${fields.join(', ')}; fix the arguments and call it again; nothing was changed`,
  }
}

/**
 * Normalizes variants that clients send: `null` for an omitted argument, JSON in a string if a string is not allowed,
 * `_meta` among the arguments. A string that is allowed is never converted. Invalid values are not changed, and the
 * codec refuses them.
 */
const asMeant = (codec: t.Any, given: unknown): unknown => {
  const plain = within(codec, given)
  if (E.isRight(codec.decode(plain))) return plain
  if (typeof given === 'string') {
    const parsed = parseJson(given)
    const meant = E.isRight(parsed) ? within(codec, parsed.right) : undefined
    if (meant !== undefined && E.isRight(codec.decode(meant))) return meant
  }
  return plain
}

/** Does the same for the values in an object or a list. */
const within = (codec: t.Any, given: unknown): unknown => {
  const item = itemOf(codec)
  if (item !== undefined && Array.isArray(given)) return given.map(each => asMeant(item, each))
  if (!isRecord(codec) || !isObject(given)) return given
  const fields = new Map(codec.fields().map(field => [field.wireName, field]))
  const entries = Object.entries(given).filter(([name, value]) => value !== null && name !== '_meta')
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const field = fields.get(name)
      return [name, field === undefined ? value : asMeant(field.codec, value)]
    }),
  )
}

const itemOf = (codec: t.Any): t.Any | undefined =>
  '_tag' in codec && codec._tag === 'ReadonlyArrayType'
    ? (codec as unknown as { readonly type: t.Any }).type
    : undefined
