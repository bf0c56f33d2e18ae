import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as t from 'io-ts'
import { parseJson } from '@claimlog/client/unstable-internals'
import {
  codecSchema,
  explainErrors,
  isDescribed,
  isObject,
  isRecord,
  type JsonSchema,
  type RecordCodec,
} from '@claimlog/codecs'
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
  // Some models take one type a schema, and clients drop what lists several.
  if (Array.isArray(type)) return { anyOf: type.map(each => ({ type: each as unknown })) }
  if (type === 'object') return { type }
  if (typeof maxLength === 'number') return { type, pattern: `^\\S{1,${maxLength}}$` }
  if (format !== undefined) return { type, format }
  return { type, minimum, ...(Number(maximum) < Number.MAX_SAFE_INTEGER ? { maximum } : {}) }
}

/**
 * What a tool was given, or what is wrong with it and how it is written. Taken as clients send it: see {@link asMeant}.
 */
export const decodeInput = <A>(name: string, input: RecordCodec<A>, given: unknown): E.Either<Problem, A> =>
  pipe(
    input.decode(asMeant(input, given ?? {})),
    E.mapLeft(errors => misfit(name, input, explainErrors(errors))),
  )

const misfit = <A>(name: string, input: RecordCodec<A>, explanation: string): Problem => {
  const fields = input.fields().map(({ wireName, required }) => (required ? `${wireName} (required)` : wireName))
  return {
    error: 'bad_input',
    message: `the arguments of ${name}: ${explanation}`,
    hint: `${name} takes ${fields.join(', ')}; mend the arguments and call it again, nothing was changed`,
  }
}

/**
 * `given` as `codec` takes it, if clients have only written it otherwise: `null` for an argument that is left out, JSON as
 * text where no text may be, `_meta` among the arguments. A text that may be a
 * text is never read as anything else. What fits in no way is left as it is, for the codec to refuse.
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

/** The same for what is in an object or a list. */
const within = (codec: t.Any, given: unknown): unknown => {
  const item = itemOf(codec)
  if (item !== undefined && Array.isArray(given)) return given.map(each => asMeant(item, each))
  if (!isRecord(codec) || !isObject(given)) return given
  const fields = new Map(codec.fields().map(field => [field.wireName, field]))
  const said = Object.entries(given).filter(([name, value]) => value !== null && name !== '_meta')
  return Object.fromEntries(
    said.map(([name, value]) => {
      const field = fields.get(name)
      return [name, field === undefined ? value : asMeant(field.codec, value)]
    }),
  )
}

const itemOf = (codec: t.Any): t.Any | undefined =>
  '_tag' in codec && codec._tag === 'ReadonlyArrayType'
    ? (codec as unknown as { readonly type: t.Any }).type
    : undefined
