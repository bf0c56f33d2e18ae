import type { Json } from '@claimlog/codecs'
import { Amended } from '../events/amended.ts'
import type { Event, TaskEvent } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'
import { taskFields } from '../values/task-fields.ts'
import { defined } from './task-view.ts'
import type { Phase, Turn } from './trace-turns.ts'
import { msOf } from '../time/clock.ts'

/**
 * One step of a task's history: an event of the log or, as `lapsed`, the end of a lease that nobody renewed. `phase`
 * says what the task was doing until then and `after_ms` for how long; the first step has neither.
 */
export type TraceStep = {
  readonly seq?: number
  readonly time: Time
  readonly event: Event['event'] | 'lapsed'
  readonly phase?: Phase
  readonly after_ms?: number
  readonly worker?: string
  readonly by?: string
  readonly token?: number
  readonly attempt?: number
  readonly lease_until?: Time | null
  readonly retry_at?: Time | null
  readonly error?: string
  readonly reason?: string
  readonly text?: string
  /** What an amendment said, in the spelling of files. */
  readonly changes?: { readonly [field: string]: Json }
  readonly progress?: Json
  readonly result?: Json
}

/** The turns of a task's history, each with what it said and how long the one before it lasted. */
export const stepsOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<TraceStep> =>
  turns.map(({ time, cause, before }, i) => {
    const step = typeof cause === 'string' ? { time, event: cause } : stepOf(cause)
    return before === undefined
      ? step
      : { ...step, phase: before, after_ms: msOf(time) - msOf(turns[i - 1]?.time ?? time) }
  })

const stepOf = (event: TaskEvent): TraceStep => {
  const { seq, time, by } = event
  const common = { seq, time, event: event.event, by }
  switch (event.event) {
    case 'claimed':
      return defined({
        ...common,
        worker: event.worker,
        token: seq,
        attempt: event.attempt,
        lease_until: event.leaseUntil,
      })
    case 'renewed':
      return defined({
        ...common,
        worker: event.worker,
        token: event.token,
        lease_until: event.leaseUntil,
        progress: event.progress,
      })
    case 'completed':
      return defined({ ...common, worker: event.worker, token: event.token, result: event.result })
    case 'failed':
      return defined({
        ...common,
        worker: event.worker,
        token: event.token,
        error: event.error,
        retry_at: event.retryAt,
      })
    case 'released':
      return defined({ ...common, worker: event.worker, token: event.token, reason: event.reason })
    case 'held':
    case 'unheld':
    case 'cancelled':
    case 'retried':
      return defined({ ...common, reason: event.reason })
    case 'noted':
      return defined({ ...common, text: event.text })
    case 'amended':
      return defined({ ...common, changes: changesOf(event) })
    case 'added':
      return defined(common)
  }
}

/** The fields that an amendment may change, in the order of the line. */
const amendable: ReadonlyArray<string> = ['kind', ...Object.keys(taskFields)]

const changesOf = (event: Amended): { readonly [field: string]: Json } =>
  Object.fromEntries(
    Object.entries(Amended.encode(event) as Record<string, Json>).filter(([field]) => amendable.includes(field)),
  )
