import * as t from 'io-ts'

/** A JSON Schema (draft 2020-12), as data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A codec that says as JSON Schema what it takes. A literal: making it must cost nothing where nobody asks for it. */
export type Described<A> = t.Type<A> & { readonly jsonSchema: JsonSchema }

/** A codec of what `is` accepts as it stands; what it refuses `must be ${rule}`. */
export const refined = <A>(
  name: string,
  rule: string,
  jsonSchema: JsonSchema,
  is: (u: unknown) => u is A,
): Described<A> =>
  Object.assign(
    new t.Type<A>(
      name,
      is,
      (u, context) => (is(u) ? t.success(u) : t.failure(u, context, `must be ${rule}`)),
      t.identity,
    ),
    { jsonSchema },
  )

/** A whole number from `min` to `max`, both included and neither past 2^53. */
export const wholeNumber = (name: string, min: number, max: number): Described<number> =>
  refined(
    name,
    `a whole number from ${min} to ${max}`,
    { type: 'integer', minimum: min, maximum: max },
    (u): u is number => Number.isSafeInteger(u) && (u as number) >= min && (u as number) <= max,
  )

/** Several of something, as messages call them: `a list of tasks`. */
export const listOf = <A, O>(codec: t.Type<A, O>, name: string): t.Type<ReadonlyArray<A>, ReadonlyArray<O>> =>
  t.readonlyArray(codec, name)

/** Free text from a person or a program; shown on terminals with its control characters escaped. */
export const Text = t.string

/** A codec made by {@link orNull}, and the one it was made of. */
export type OrNull<A> = t.Type<A | null> & { readonly unlessNull: t.Type<A> }

/** What `codec` takes, or null. */
export const orNull = <A>(codec: t.Type<A>): OrNull<A> =>
  Object.assign(
    new t.Type<A | null>(
      `${codec.name} or null`,
      (u): u is A | null => u === null || codec.is(u),
      (u, context) => (u === null ? t.success(null) : codec.validate(u, context)),
      t.identity,
    ),
    { unlessNull: codec },
  )
