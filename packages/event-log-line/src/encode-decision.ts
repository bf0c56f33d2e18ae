import * as E from 'fp-ts/lib/Either.js'
import type { Numbered, TooLarge } from '@claimlog/event-log'
import type { EventCodec } from './event-codec.ts'
import { encodeLine, lineBytesMax } from './line.ts'

/** The lines of a decision, without their newlines, and the hash of the last one. */
export type EncodedLines = { readonly lines: ReadonlyArray<string>; readonly hash: string }

/** Encodes the events of one decision, chained to the line with `previousHash`. */
export const encodeDecision = <A extends Numbered>(
  codec: EventCodec<A>,
  events: ReadonlyArray<A>,
  previousHash: string,
): E.Either<TooLarge, EncodedLines> => {
  const lines: Array<string> = []
  let hash = previousHash
  const last = events.length - 1
  for (let i = 0; i <= last; i += 1) {
    const encoded = encodeLine(hash, codec.encode(events[i] as A), i < last)
    const bytes = Buffer.byteLength(encoded.line)
    if (bytes > lineBytesMax) return E.left({ failure: 'TooLarge', bytes, maxBytes: lineBytesMax })
    lines.push(encoded.line.slice(0, -1))
    hash = encoded.hash
  }
  return E.right({ lines, hash })
}
