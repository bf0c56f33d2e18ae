import * as t from 'io-ts'
import { Text, wholeNumber } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'

const Bytes = wholeNumber('number of bytes', 0, Number.MAX_SAFE_INTEGER)

/**
 * Stands where a lost event stood: the log was damaged and was cut here, and the file `quarantine` beside it holds what was
 * cut off. One for each seq that may have been given to somebody as a token, so that none is given twice. The first of
 * them says why, and where the file begins: its `bytes` are those of the old log from byte `offset` on.
 */
export const Repaired = eventCodec(
  'repaired',
  { quarantine: Text },
  { reason: Text, offset: Bytes, bytes: Bytes, sha256: t.string },
)
export type Repaired = t.TypeOf<typeof Repaired>
