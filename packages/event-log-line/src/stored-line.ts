import * as E from 'fp-ts/lib/Either.js'
import type { Numbered } from '@claimlog/event-log'
import type { EventCodec } from './event-codec.ts'

/** A line as it is stored, without its newline. */
export type StoredLine = Numbered & { readonly line: string }

/** Reads the lines themselves, after the same checks of their shape that `codec` makes. */
export const storedLineCodec = <A extends Numbered>(codec: EventCodec<A>): EventCodec<StoredLine> => ({
  encode: ({ line }) => line,
  // Reached only by lines that `readPlain` does not accept: it returns the reason.
  decode: json => E.map(({ seq }: A) => ({ seq, line: '' }))(codec.decode(json)),
  readPlain: line => {
    const event = codec.readPlain?.(line) ?? decodeLine(codec, line)
    return event && { seq: event.seq, line }
  },
})

const decodeLine = <A>(codec: EventCodec<A>, line: string): A | undefined => {
  try {
    const event = codec.decode(JSON.parse(line))
    return E.isRight(event) ? event.right : undefined
  } catch {
    return undefined
  }
}
