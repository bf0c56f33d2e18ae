import * as t from 'io-ts'

/** A codec with a name and a description for the published schemas. */
export type Named<A> = t.Type<A> & { readonly description: string }

/** Adds a description for the published schemas to `codec`. */
export const named = <A>(description: string, codec: t.Type<A>): Named<A> => Object.assign(codec, { description })

/** A field built by {@link optional}. */
export type Optional<A> = { readonly optionalCodec: t.Type<A> }
type AnyOptional = { readonly optionalCodec: t.Any }

/** A field that is absent if it has no value. */
export const optional = <A>(codec: t.Type<A>): Optional<A> => ({ optionalCodec: codec })

/** The codecs of a document's fields, by their names in JSON. */
export type Fields = Readonly<Record<string, t.Any | AnyOptional>>

type OptionalNames<F extends Fields> = { [K in keyof F]: F[K] extends AnyOptional ? K : never }[keyof F]
type Required<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]> }
type Given<F extends Fields> = { readonly [K in OptionalNames<F>]?: ValueOf<F[K]> }
type ValueOf<C> = C extends AnyOptional ? t.TypeOf<C['optionalCodec']> : C extends t.Any ? t.TypeOf<C> : never
type Flat<A> = { readonly [K in keyof A]: A[K] }

/** An object with these fields, each read-only; an {@link optional} one may be absent. */
export type ObjectOf<F extends Fields> = Flat<Required<F> & Given<F>>

/** The codec of an object with these fields and no others. Its type is derived: `t.TypeOf<typeof Task>`. */
export const object = <F extends Fields>(name: string, description: string, fields: F): Named<ObjectOf<F>> => {
  const codec = t.exact(everyField(fields), name)
  return named(description, codec as unknown as t.Type<ObjectOf<F>>)
}

/** Like {@link object}, but allows further fields. */
export const openObject = <F extends Fields>(name: string, description: string, fields: F): Named<ObjectOf<F>> =>
  named(description, everyField(fields, name) as unknown as t.Type<ObjectOf<F>>)

const everyField = (fields: Fields, name?: string): t.IntersectionC<[t.TypeC<t.Props>, t.PartialC<t.Props>]> => {
  const required: t.Props = {}
  const optionalProps: t.Props = {}
  for (const [field, codec] of Object.entries(fields))
    if ('optionalCodec' in codec) optionalProps[field] = codec.optionalCodec
    else required[field] = codec
  return t.intersection([t.type(required), t.partial(optionalProps)], name)
}

type Whole<A> = { readonly [K in keyof A]-?: Exclude<A[K], undefined> }
type Same<A, B> = [Whole<A>, Whole<B>] extends [Whole<B>, Whole<A>] ? unknown : never

/** `Document`, for a domain `Value` that is printed unchanged: compiles only if both have exactly the same fields. */
export type AsItIs<Value extends Document, Document extends Same<Value, Document>> = Document

/** The codec of an enumeration of words. */
export const oneOf = <const W extends string>(words: ReadonlyArray<W>, name?: string): t.Type<W> =>
  t.keyof(Object.fromEntries(words.map(word => [word, null])) as Record<W, null>, name)
