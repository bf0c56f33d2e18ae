import * as t from 'io-ts'

/** A codec that has a name and a description of its own where schemas speak of it. */
export type Named<A> = t.Type<A> & { readonly description: string }

/** `codec`, described to whoever reads the schemas. */
export const named = <A>(description: string, codec: t.Type<A>): Named<A> => Object.assign(codec, { description })

type Optional<A> = { readonly whereGiven: t.Type<A> }

/** A field that is there only where it has a value, which `codec` takes. */
export const optional = <A>(codec: t.Type<A>): Optional<A> => ({ whereGiven: codec })

/** A codec for each field of a view, so that one which is forgotten, optional or not, does not compile. */
export type FieldsOf<V> = {
  readonly [K in keyof V]-?: undefined extends V[K] ? Optional<Exclude<V[K], undefined>> : t.Type<V[K]>
}

/** What the codecs of a view's fields are, whichever view it is. */
type AnyFields = Readonly<Record<string, t.Any | Optional<unknown>>>

/** The codec of an object with these fields and no others. */
export const view = <V extends object>(name: string, description: string, fields: FieldsOf<V>): Named<V> => {
  const { required, whereGiven } = byPresence(fields as unknown as AnyFields)
  const codec = t.exact(t.intersection([t.type(required), t.partial(whereGiven)]), name)
  return named(description, codec as unknown as t.Type<V>)
}

/** Like {@link view}, of an object that may have further fields. */
export const openView = <V extends object>(name: string, description: string, fields: FieldsOf<V>): Named<V> => {
  const { required, whereGiven } = byPresence(fields as unknown as AnyFields)
  return named(description, t.intersection([t.type(required), t.partial(whereGiven)], name) as unknown as t.Type<V>)
}

const byPresence = (fields: AnyFields): { readonly required: t.Props; readonly whereGiven: t.Props } => {
  const required: t.Props = {}
  const whereGiven: t.Props = {}
  for (const [field, codec] of Object.entries(fields))
    if ('whereGiven' in codec) whereGiven[field] = codec.whereGiven
    else required[field] = codec
  return { required, whereGiven }
}
