import { encodeEvent, type Event } from '@claimlog/domain'
import { encodeLine } from '@claimlog/event-log-file'
import { type Mask, redactEvent } from './redact-event.ts'

/**
 * Redacts the events of a log and computes a new hash chain, so that the result passes verification. Events must be
 * passed in order, from the first.
 */
export const redactLog = (mask: Mask): ((event: Event) => Event) => {
  let previousHash = ''
  return event => {
    const { more, ...content } = redactEvent(event, mask)
    const { hash } = encodeLine(previousHash, encodeEvent(content), more === true)
    previousHash = hash
    return { ...content, ...(more === true ? { more } : {}), hash }
  }
}
