import { createHash, createHmac } from 'node:crypto'
import type { Digest } from './history-export.ts'
import type { Mask } from './redact-event.ts'

/** The SHA-256 of a text, in hex. */
export const sha256: Digest = text => createHash('sha256').update(text).digest('hex')

/** The number of hex digits of a mask: enough that no two values of a log have the same one. */
const maskDigits = 24

/**
 * Returns a mask that gives equal values equal digits. Without `key`, a guessed value cannot be confirmed.
 */
export const keyedMask =
  (key: Uint8Array): Mask =>
  json =>
    `redacted:${createHmac('sha256', key).update(json).digest('hex').slice(0, maskDigits)}`
