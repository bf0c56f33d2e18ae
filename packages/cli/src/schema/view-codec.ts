import type * as t from 'io-ts'
import { type Named, object, openObject, type Optional } from '@claimlog/wire/documents'

export { named, optional } from '@claimlog/wire/documents'

/** A codec for each field of a view, so that one which is forgotten, optional or not, does not compile. */
export type FieldsOf<V> = {
  readonly [K in keyof V]-?: undefined extends V[K] ? Optional<Exclude<V[K], undefined>> : t.Type<V[K]>
}

/** The codec of an object with these fields and no others, whose type its command declares. */
export const view = <V extends object>(name: string, description: string, fields: FieldsOf<V>): Named<V> =>
  object(name, description, fields as never) as unknown as Named<V>

/** Like {@link view}, of an object that may have further fields. */
export const openView = <V extends object>(name: string, description: string, fields: FieldsOf<V>): Named<V> =>
  openObject(name, description, fields as never) as unknown as Named<V>
