import { omitUndefined, type Json } from '@claimlog/codecs'
import type { Amended } from '../events/amended.ts'
import type { Event, TaskEvent } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'
import type { Phase, HistoryEntry } from './trace-history.ts'
import { timeToMs } from '../time/clock.ts'

/**
 * One step of a task's history: an event of the log or, as `lapsed`, a lease that expired. `phase` is the phase
 * until then and `afterMs` its length; the first step has neither.
 */
export type TraceStep = {
  readonly seq?: number
  readonly time: Time
  readonly event: Event['event'] | 'lapsed'
  readonly phase?: Phase
  readonly afterMs?: number
  readonly worker?: string
  readonly by?: string
  readonly token?: number
  readonly attempt?: number
  readonly leaseUntil?: Time | null
  readonly retryAt?: Time | null
  readonly error?: string
  /** The place in the worker's program that threw the error. */
  readonly stack?: string
  readonly reason?: string
  readonly text?: string
  /** The `amended` event itself. */
  readonly amended?: Amended
  readonly progress?: Json
  readonly result?: Json
}

/** Converts a task's history to steps, each with the fields of its event and the time since the step before. */
export const traceSteps = (entries: ReadonlyArray<HistoryEntry>): ReadonlyArray<TraceStep> =>
  entries.map(({ time, cause, before }, i) => {
    const step = typeof cause === 'string' ? { time, event: cause } : toStep(cause)
    return before === undefined
      ? step
      : { ...step, phase: before, afterMs: timeToMs(time) - timeToMs(entries[i - 1]?.time ?? time) }
  })

const toStep = (event: TaskEvent): TraceStep => {
  const { seq, time, by } = event
  const common = { seq, time, event: event.event, by }
  switch (event.event) {
    case 'claimed':
      return omitUndefined({
        ...common,
        worker: event.worker,
        token: seq,
        attempt: event.attempt,
        leaseUntil: event.leaseUntil,
      })
    case 'renewed':
      return omitUndefined({
        ...common,
        worker: event.worker,
        token: event.token,
        leaseUntil: event.leaseUntil,
        progress: event.progress,
      })
    case 'completed':
      return omitUndefined({ ...common, worker: event.worker, token: event.token, result: event.result })
    case 'failed':
      return omitUndefined({
        ...common,
        worker: event.worker,
        token: event.token,
        error: event.error,
        stack: event.stack,
        retryAt: event.retryAt,
      })
    case 'released':
      return omitUndefined({ ...common, worker: event.worker, token: event.token, reason: event.reason })
    case 'held':
    case 'unheld':
    case 'cancelled':
    case 'retried':
      return omitUndefined({ ...common, reason: event.reason })
    case 'noted':
      return omitUndefined({ ...common, text: event.text })
    case 'amended':
      return omitUndefined({ ...common, amended: event })
    case 'added':
      return omitUndefined(common)
  }
}
