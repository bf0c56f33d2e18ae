import { createHmac, randomBytes } from 'node:crypto'
import { encodeEvent, type Event } from '@claimlog/domain'
import { sealLine } from '@claimlog/event-log-file'
import { type Mask, redacted } from '@claimlog/exporters'

/** As long as the hash. */
const keyBytes = 32

/** Hex digits that stand for a value: enough that no two of a log share them. */
const maskDigits = 24

/**
 * Redacts the events of a log, which must come in order from the first, and chains them anew, so that what they come to
 * verifies. Values that are equal stay equal; without `key` nobody can tell whether a value that they guess was there. None
 * given: one that nobody will know.
 */
export const redacting = (key: Uint8Array = randomBytes(keyBytes)): ((event: Event) => Event) => {
  const mask: Mask = json => `redacted:${createHmac('sha256', key).update(json).digest('hex').slice(0, maskDigits)}`
  let previousHash = ''
  return event => {
    const { more, ...open } = redacted(event, mask)
    const { hash } = sealLine(previousHash, encodeEvent(open), more === true)
    previousHash = hash
    return { ...open, ...(more === true ? { more } : {}), hash }
  }
}
