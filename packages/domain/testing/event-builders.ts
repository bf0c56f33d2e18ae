/** Builders of events for examples: `claimed('ann', 't', { until: 30 })`. Times are minutes after noon. */
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '../src/decide/tasks/new-task.ts'
import type { Amended, Event } from '../src/events/index.ts'
import type { Time } from '../src/values/scalars.ts'
import { timeToMs, timeFromMs } from '../src/time/clock.ts'

/** `Omit` for each member of a union. */
export type WithoutKeys<A, K extends PropertyKey> = A extends unknown ? Omit<A, K> : never
/** An event without its `seq` and `time`. */
export type EventInput = WithoutKeys<Event, 'seq' | 'time'>

const noonMs = timeToMs('2025-01-01T12:00:00.000Z')
export const minuteMs = 60_000

/** The time some minutes after noon, in milliseconds since the epoch. */
export const msAfterNoon = (minutes: number): number => noonMs + minutes * minuteMs

/** The time some minutes after noon. */
export const time = (minutes: number): Time => timeFromMs(msAfterNoon(minutes))

export const workspaceId = '6f1cbb1e-7d52-4a0e-9a41-0d8f3f5b7c11'

/** Line 1. Defaults: leases of 15 minutes, 3 attempts, a backoff of 10 s that doubles up to an hour. */
export const opened = (more: Partial<Extract<EventInput, { event: 'opened' }>> = {}): EventInput => ({
  event: 'opened',
  format: 1,
  workspace: workspaceId,
  leaseMs: 15 * minuteMs,
  maxAttempts: 3,
  backoff: { firstMs: 10_000, maxMs: 3_600_000 },
  ...more,
})

export const added = (taskId: string, kind: string, more: Omit<NewTask, 'kind' | 'taskId'> = {}): EventInput => ({
  event: 'added',
  taskId,
  kind,
  ...more,
})

/** `until`: the end of the lease in minutes after noon; null: no end. */
export const claimed = (
  worker: string,
  taskId: string,
  { attempt = 1, until = 15 }: { readonly attempt?: number; readonly until?: number | null } = {},
): EventInput => ({ event: 'claimed', worker, taskId, attempt, leaseUntil: until === null ? null : time(until) })

export const renewed = (
  worker: string,
  taskId: string,
  token: number,
  until: number | null,
  progress?: Json,
): EventInput => ({
  event: 'renewed',
  worker,
  taskId,
  token,
  leaseUntil: until === null ? null : time(until),
  progress,
})

export const completed = (worker: string, taskId: string, token: number, result?: Json): EventInput => ({
  event: 'completed',
  worker,
  taskId,
  token,
  result,
})

/** `retryAt`: null if there is no further attempt. */
export const failed = (
  worker: string,
  taskId: string,
  token: number,
  error: string,
  retryAt: Time | null = null,
): EventInput => ({ event: 'failed', worker, taskId, token, error, retryAt })

export const released = (worker: string, taskId: string, token: number, reason?: string): EventInput => ({
  event: 'released',
  worker,
  taskId,
  token,
  reason,
})

export const held = (taskId: string, reason?: string): EventInput => ({ event: 'held', taskId, reason })
export const unheld = (taskId: string, reason?: string): EventInput => ({ event: 'unheld', taskId, reason })
export const cancelled = (taskId: string, reason?: string): EventInput => ({ event: 'cancelled', taskId, reason })
/** The fields that changed, with their new values. */
export const amended = (taskId: string, changes: Omit<Amended, 'seq' | 'time' | 'event' | 'taskId'>): EventInput => ({
  event: 'amended',
  taskId,
  ...changes,
})
export const retried = (taskId: string, reason?: string): EventInput => ({ event: 'retried', taskId, reason })
export const noted = (taskId: string, text: string): EventInput => ({ event: 'noted', taskId, text })
export const paused = (kind: string, reason?: string): EventInput => ({ event: 'paused', kind, reason })
export const resumed = (kind: string, reason?: string): EventInput => ({ event: 'resumed', kind, reason })
export const moved = (target: string, logId?: string): EventInput => ({ event: 'moved', target, logId })
export const limited = (kind: string, limit: number | null): EventInput => ({ event: 'limited', kind, limit })
