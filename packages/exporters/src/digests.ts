import { createHash, createHmac } from 'node:crypto'
import type { Digest } from './history-export.ts'
import type { Mask } from './redacted.ts'

/** The hex digits of the SHA-256 of a text. */
export const sha256: Digest = text => createHash('sha256').update(text).digest('hex')

/** Hex digits that stand for a value: enough that no two of a log share them. */
const maskDigits = 24

/**
 * Masks values that are equal by the same digits; without `key` nobody can tell whether a value that they guess was there.
 */
export const keyedMask =
  (key: Uint8Array): Mask =>
  json =>
    `redacted:${createHmac('sha256', key).update(json).digest('hex').slice(0, maskDigits)}`
