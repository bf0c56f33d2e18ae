import type * as E from 'fp-ts/lib/Either.js'

/** How a log turns events into the JSON text of their lines and back. */
export type EventCodec<A> = {
  /** A JSON object's text, without line breaks. */
  readonly encode: (event: A) => string
  /** The event of a line's JSON. `Unknown`: sound, but only a newer version understands it. */
  readonly decode: (json: unknown) => E.Either<{ readonly tag: 'Unknown' | 'Malformed'; readonly detail: string }, A>
  /**
   * The event of a line (without its newline), whose hash was checked, where that can be had without parsing its JSON: the
   * same as `decode` gives. undefined: it cannot.
   */
  readonly readPlain?: (line: string) => A | undefined
}
