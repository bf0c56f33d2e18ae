import type * as E from 'fp-ts/lib/Either.js'

/** Encodes events as the JSON text of log lines, and decodes them. */
export type EventCodec<A> = {
  /** Returns the text of a JSON object, without line breaks. */
  readonly encode: (event: A) => string
  /** The event in the JSON of a line. `Unknown`: sound, but only a newer version understands it. */
  readonly decode: (json: unknown) => E.Either<{ readonly _tag: 'Unknown' | 'Malformed'; readonly detail: string }, A>
  /**
   * The event of a line (without its newline) whose hash was checked, if it can be read without parsing JSON: equal to
   * the result of `decode`. undefined: it cannot.
   */
  readonly readPlain?: (line: string) => A | undefined
}
