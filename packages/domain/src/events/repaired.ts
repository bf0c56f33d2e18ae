import * as t from 'io-ts'
import { Text, wholeNumber } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'

const Bytes = wholeNumber('number of bytes', 0, Number.MAX_SAFE_INTEGER)

/**
 * Replaces a lost event: the damaged log was cut here, and the file `quarantine` next to it has the part that was cut
 * off. There is one for each seq that may have been given out as a token, so that no token is reused. The first one has
 * the reason and the origin of the file: its `bytes` are those of the old log from byte `offset` on.
 */
export const Repaired = eventCodec(
  'repaired',
  { quarantine: Text },
  { reason: Text, offset: Bytes, bytes: Bytes, sha256: t.string },
)
export type Repaired = t.TypeOf<typeof Repaired>
