import type * as t from 'io-ts'
import { closedRecord } from '@claimlog/codecs'
import { DurationMs, type TaskId } from './scalars.ts'

/** How long a failed task waits for its next attempt: `firstMs`, doubled each time, at most `maxMs`. */
export const Backoff = closedRecord('backoff', { first_ms: DurationMs, max_ms: DurationMs }, {})
export type Backoff = t.TypeOf<typeof Backoff>

/**
 * Milliseconds to wait after the failure of `attempt`: the doubled delay less up to a half of it.
 *
 * The part taken off is drawn from the task's id and the attempt, so that tasks which failed together do not come back
 * together, and the same question has the same answer on every machine.
 */
export const backoffMs = (backoff: Backoff, taskId: TaskId, attempt: number): number => {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1))
  return Math.max(1, Math.round(full * (1 - spread(`${taskId}#${attempt}`) / 2)))
}

/** A number from 0 up to 1 drawn from `text` by FNV-1a (Fowler, Noll, Vo), finished with a mix of its bits. */
const spread = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
