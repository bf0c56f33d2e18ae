import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { codecSchema, explainErrors, isDescribed, isRecord, type JsonSchema, type RecordCodec } from '@claimlog/domain'
import type { Problem } from './mcp-options.ts'

/** What fields are for, by their names. */
type FieldTexts = Readonly<Record<string, string>>

/**
 * The JSON Schema of what a tool takes, as `tools/list` gives it. It is read in every turn, so names are said by the short
 * pattern that nearly says the same; what that lets through the codec refuses in words.
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
  if (isDescribed(codec)) return shortOf(codec.jsonSchema)
  return isRecord(codec) ? inputSchema(codec, about) : codecSchema(codec, inner => shortSchema(inner, about))
}

const shortOf = ({ type, maxLength, format, minimum, maximum }: JsonSchema): JsonSchema => {
  if (type === 'object') return { type }
  if (typeof maxLength === 'number') return { type, pattern: `^\\S{1,${maxLength}}$` }
  if (format !== undefined) return { type, format }
  return { type, minimum, ...(Number(maximum) < Number.MAX_SAFE_INTEGER ? { maximum } : {}) }
}

/** What a tool was given, or what is wrong with it and how it is written. */
export const decodeInput = <A>(name: string, input: RecordCodec<A>, given: unknown): E.Either<Problem, A> => {
  const decoded = input.decode(given ?? {})
  if (E.isRight(decoded)) return decoded
  const fields = input.fields().map(({ wireName, required }) => (required ? `${wireName} (required)` : wireName))
  return E.left({
    error: 'bad_input',
    message: `the arguments of ${name}: ${explainErrors(decoded.left)}`,
    hint: `${name} takes ${fields.join(', ')}; mend the arguments and call it again, nothing was changed`,
  })
}
