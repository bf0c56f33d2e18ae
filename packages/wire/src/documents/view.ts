import type { Json } from '@claimlog/codecs'
import type * as t from 'io-ts'

/** `read_at` → `readAt`. */
type CamelCaseWord<W extends string> = W extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCaseWord<Rest>>}`
  : W

type Primitive = string | number | boolean | null | undefined

/** A document with the names of its fields in camelCase. Fields whose content belongs to users (any JSON) are unchanged. */
export type CamelCased<D> = D extends Primitive
  ? D
  : [Json] extends [D]
    ? D
    : D extends ReadonlyArray<infer Item>
      ? ReadonlyArray<CamelCased<Item>>
      : { readonly [K in keyof D as K extends string ? CamelCaseWord<K> : K]: CamelCasedField<D[K]> }

/** Like {@link CamelCased}, without distributing over the union that any JSON is. */
type CamelCasedField<D> = [Json] extends [D] ? D : CamelCased<D>

/** The value in code of the document that a codec describes; `toDocument` converts it. */
export type View<C extends t.Any> = CamelCased<t.TypeOf<C>>
