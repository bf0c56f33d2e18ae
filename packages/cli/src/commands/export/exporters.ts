import { createHash } from 'node:crypto'

/**
 * What other programs read of a workspace. A bundle of its own, loaded by `export` and `metrics` only; it has its own
 * copies of what it imports, and so prints nothing: what waits to be read of stdout is kept in one place.
 */
export { historyFormats, metrics, openMetrics, taskFormats } from '@claimlog/exporters'
export { redacting } from './redacting.ts'

/** The hex digits of the SHA-256 of a text. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
