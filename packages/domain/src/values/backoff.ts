import type * as t from 'io-ts'
import { closedRecord } from '@claimlog/codecs'
import { DurationMs, type TaskId } from './scalars.ts'

/** The delay before the next attempt of a failed task: `firstMs`, doubled with each attempt, at most `maxMs`. */
export const Backoff = closedRecord('backoff', { first_ms: DurationMs, max_ms: DurationMs }, {})
export type Backoff = t.TypeOf<typeof Backoff>

/**
 * The delay in milliseconds after the failure of `attempt`: the exponential delay minus a jitter of up to half of it.
 *
 * The jitter is a hash of the task id and the attempt: tasks that failed together are not retried together, and the
 * delay is the same on every machine.
 */
export const computeBackoffMs = (backoff: Backoff, taskId: TaskId, attempt: number): number => {
  const fullDelayMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1))
  return Math.max(1, Math.round(fullDelayMs * (1 - hashFraction(`${taskId}#${attempt}`) / 2)))
}

/** Hashes `text` to a number in [0, 1): FNV-1a (Fowler, Noll, Vo) with a final mix of the bits. */
const hashFraction = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
