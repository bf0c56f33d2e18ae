import type { TaskEvent } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'
import { later } from '../time/clock.ts'

/**
 * What a task is doing between two turns of its history:
 *
 * ```
 *   waiting ──claimed──► running ──failed, or the lease lapsed──► retrying ──claimed, or renewed late──► running
 *      ▲                    ├──released──► waiting                    └──held──► held ──unheld──► waiting
 *      └──retried── finished ◄──completed, cancelled, failed for good
 * ```
 *
 * Whether its needs are done makes no difference here: that is told by no event of its own.
 */
export type Phase = 'waiting' | 'running' | 'retrying' | 'held' | 'finished'

/** One moment of a task's history: what came, and what the task was doing before (the first: nothing) and after it. */
export type Turn = {
  /** Never before that of an earlier turn. */
  readonly time: Time
  /** `lapsed`, which no event says: a lease ended that nobody had renewed. */
  readonly cause: TaskEvent | 'lapsed'
  readonly before: Phase | undefined
  readonly after: Phase
}

/** The turns that the events of one task led to by `now`, with the lapses between them. */
export const turnsOf = (events: ReadonlyArray<TaskEvent>, now: Time): ReadonlyArray<Turn> => {
  const turns: Array<Turn> = []
  let phase: Phase | undefined
  let since: Time = ''
  let lease: Time | null = null

  const turn = (time: Time, cause: Turn['cause'], after: Phase): void => {
    // An imported claim can have a lease that ended before it was imported.
    since = later(since, time)
    turns.push({ time: since, cause, before: phase, after })
    phase = after
  }
  const lapseBy = (time: Time): void => {
    if (phase === 'running' && lease !== null && lease <= time) turn(lease, 'lapsed', 'retrying')
  }

  for (const event of events) {
    // A late holder may still renew or settle after the lease ended; that it lapsed is told first.
    lapseBy(event.time)
    turn(event.time, event, phaseAfter(event, phase))
    if (event.event === 'claimed' || event.event === 'renewed') lease = event.leaseUntil
  }
  lapseBy(now)
  return turns
}

const phaseAfter = (event: TaskEvent, phase: Phase | undefined): Phase => {
  switch (event.event) {
    case 'added':
    case 'released':
    case 'unheld':
    case 'retried':
      return 'waiting'
    case 'claimed':
    case 'renewed':
      return 'running'
    case 'completed':
    case 'cancelled':
      return 'finished'
    case 'failed':
      return event.retryAt === null ? 'finished' : 'retrying'
    case 'held':
      return 'held'
    case 'amended':
    case 'noted':
      return phase ?? 'waiting'
  }
}
