import type * as t from 'io-ts'

/** A JSON Schema (draft 2020-12), as data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A codec that says as JSON Schema what it takes. A literal: making it must cost nothing where nobody asks for it. */
export type Described<A> = t.Type<A> & { readonly jsonSchema: JsonSchema }
