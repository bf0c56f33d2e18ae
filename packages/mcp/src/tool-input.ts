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
import type { ToolError } from './mcp-options.ts'

/** Descriptions by field name. */
type FieldDescriptions = Readonly<Record<string, string>>

/**
 * Returns the JSON Schema of a tool's arguments for `tools/list`. The model reads it in every turn, so names have a
 * short pattern that is slightly too permissive; the codec refuses the rest, with a message.
 */
export const inputSchema = (input: t.Any, descriptions: FieldDescriptions): JsonSchema => {
  const { properties, ...schema } = codecSchema(input, codec => toShortSchema(codec, descriptions))
  const described = Object.entries(properties as Record<string, JsonSchema>).map(([field, fieldSchema]) => {
    const description = descriptions[field]
    return [field, description === undefined ? fieldSchema : { ...fieldSchema, description }] as const
  })
  return { ...schema, properties: Object.fromEntries(described) }
}

const toShortSchema = (codec: t.Any, descriptions: FieldDescriptions): JsonSchema => {
  if (hasJsonSchema(codec)) return shortenSchema(codec.jsonSchema)
  return isRecord(codec)
    ? inputSchema(codec, descriptions)
    : codecSchema(codec, inner => toShortSchema(inner, descriptions))
}

const shortenSchema = ({ type, maxLength, format, minimum, maximum }: JsonSchema): JsonSchema => {
  // Some models accept one type per schema only, and clients drop schemas with several.
  if (Array.isArray(type)) return { anyOf: type.map(each => ({ type: each as unknown })) }
  if (type === 'object') return { type }
  if (typeof maxLength === 'number') return { type, pattern: `^\\S{1,${maxLength}}$` }
  if (format !== undefined) return { type, format }
  return { type, minimum, ...(Number(maximum) < Number.MAX_SAFE_INTEGER ? { maximum } : {}) }
}

/** Decodes the arguments of a tool, after {@link normalize}. Left: a message with the expected arguments. */
export const decodeInput = <A>(name: string, input: RecordCodec<A>, rawValue: unknown): E.Either<ToolError, A> =>
  pipe(
    input.decode(normalize(input, rawValue ?? {})),
    E.mapLeft(errors => inputError(name, input, explainErrors(errors))),
  )

const inputError = <A>(name: string, input: RecordCodec<A>, explanation: string): ToolError => {
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
const normalize = (codec: t.Any, rawValue: unknown): unknown => {
  const normalized = normalizeContents(codec, rawValue)
  if (E.isRight(codec.decode(normalized))) return normalized
  if (typeof rawValue === 'string') {
    const parsed = parseJson(rawValue)
    const parsedValue = E.isRight(parsed) ? normalizeContents(codec, parsed.right) : undefined
    if (parsedValue !== undefined && E.isRight(codec.decode(parsedValue))) return parsedValue
  }
  return normalized
}

/** Normalizes the values in an object or a list. */
const normalizeContents = (codec: t.Any, rawValue: unknown): unknown => {
  const item = itemCodec(codec)
  if (item !== undefined && Array.isArray(rawValue)) return rawValue.map(each => normalize(item, each))
  if (!isRecord(codec) || !isObject(rawValue)) return rawValue
  const fields = new Map(codec.fields().map(field => [field.wireName, field]))
  const entries = Object.entries(rawValue).filter(([name, value]) => value !== null && name !== '_meta')
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const field = fields.get(name)
      return [name, field === undefined ? value : normalize(field.codec, value)]
    }),
  )
}

const itemCodec = (codec: t.Any): t.Any | undefined =>
  '_tag' in codec && codec._tag === 'ReadonlyArrayType'
    ? (codec as unknown as { readonly type: t.Any }).type
    : undefined
