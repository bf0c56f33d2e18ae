import * as t from 'io-ts'

/** A codec with a name and a description for the published schemas. */
export type DocumentCodec<A> = t.Type<A> & { readonly description: string }

/** Adds a description for the published schemas to `codec`. */
export const describeCodec = <A>(description: string, codec: t.Type<A>): DocumentCodec<A> =>
  Object.assign(codec, { description })

/** A field built by {@link optional}. */
export type OptionalField<A> = { readonly optionalCodec: t.Type<A> }
type AnyOptionalField = { readonly optionalCodec: t.Any }

/** A field that is absent if it has no value. */
export const optional = <A>(codec: t.Type<A>): OptionalField<A> => ({ optionalCodec: codec })

/** The codecs of a document's fields, by their names in JSON. */
export type DocumentFields = Readonly<Record<string, t.Any | AnyOptionalField>>

type OptionalFieldNames<F extends DocumentFields> = {
  [K in keyof F]: F[K] extends AnyOptionalField ? K : never
}[keyof F]
type RequiredFields<F extends DocumentFields> = {
  readonly [K in Exclude<keyof F, OptionalFieldNames<F>>]: FieldType<F[K]>
}
type OptionalFields<F extends DocumentFields> = { readonly [K in OptionalFieldNames<F>]?: FieldType<F[K]> }
type FieldType<C> = C extends AnyOptionalField ? t.TypeOf<C['optionalCodec']> : C extends t.Any ? t.TypeOf<C> : never
type Flat<A> = { readonly [K in keyof A]: A[K] }

/** An object with these fields, each read-only; an {@link optional} one may be absent. */
export type ObjectType<F extends DocumentFields> = Flat<RequiredFields<F> & OptionalFields<F>>

/** The codec of an object with these fields and no others. Its type is derived: `View<typeof Task>`. */
export const object = <F extends DocumentFields>(
  name: string,
  description: string,
  fields: F,
): DocumentCodec<ObjectType<F>> => {
  const codec = t.exact(buildFields(fields), name)
  return describeCodec(description, codec as unknown as t.Type<ObjectType<F>>)
}

/** Like {@link object}, but allows further fields. */
export const openObject = <F extends DocumentFields>(
  name: string,
  description: string,
  fields: F,
): DocumentCodec<ObjectType<F>> =>
  describeCodec(description, buildFields(fields, name) as unknown as t.Type<ObjectType<F>>)

const buildFields = (
  fields: DocumentFields,
  name?: string,
): t.IntersectionC<[t.TypeC<t.Props>, t.PartialC<t.Props>]> => {
  const required: t.Props = {}
  const optionalProps: t.Props = {}
  for (const [field, codec] of Object.entries(fields))
    if ('optionalCodec' in codec) optionalProps[field] = codec.optionalCodec
    else required[field] = codec
  return t.intersection([t.type(required), t.partial(optionalProps)], name)
}

type DefinedFields<A> = { readonly [K in keyof A]-?: Exclude<A[K], undefined> }
type RequireSameFields<A, B> = [DefinedFields<A>, DefinedFields<B>] extends [DefinedFields<B>, DefinedFields<A>]
  ? unknown
  : never

/** `Document`, for a domain `Value` that is printed unchanged: compiles only if both have exactly the same fields. */
export type SameShape<Value extends Document, Document extends RequireSameFields<Value, Document>> = Document

/** The codec of an enumeration of words. */
export const enumCodec = <const W extends string>(words: ReadonlyArray<W>, name?: string): t.Type<W> =>
  t.keyof(Object.fromEntries(words.map(word => [word, null])) as Record<W, null>, name)
