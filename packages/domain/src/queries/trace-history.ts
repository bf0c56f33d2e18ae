import type { TaskEvent } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'
import { laterTime } from '../time/clock.ts'

/**
 * The phase of a task between two entries of its history:
 *
 * ```
 *   waiting ──claimed──► running ──failed, or lease expired──► retrying ──claimed, or renewed late──► running
 *      ▲                    ├──released──► waiting                    └──held──► held ──unheld──► waiting
 *      └──retried── finished ◄──completed, cancelled, failed for good
 * ```
 *
 * Dependencies make no difference here: no event of the task itself says that they are done.
 */
export type Phase = 'waiting' | 'running' | 'retrying' | 'held' | 'finished'

/** An entry of a task's history, with the phase before it (undefined for the first) and after it. */
export type HistoryEntry = {
  /** Never before the time of an earlier entry. */
  readonly time: Time
  /** An event, or `lapsed`: a lease expired, which no event records. */
  readonly cause: TaskEvent | 'lapsed'
  readonly before: Phase | undefined
  readonly after: Phase
}

/** The history of one task up to `now`, from its events, with the expired leases between them. */
export const historyEntries = (events: ReadonlyArray<TaskEvent>, now: Time): ReadonlyArray<HistoryEntry> => {
  const entries: Array<HistoryEntry> = []
  let phase: Phase | undefined
  let lastTime: Time = ''
  let lease: Time | null = null

  const addEntry = (time: Time, cause: HistoryEntry['cause'], after: Phase): void => {
    // The lease of an imported claim can have expired before the import.
    lastTime = laterTime(lastTime, time)
    entries.push({ time: lastTime, cause, before: phase, after })
    phase = after
  }
  const expireLease = (time: Time): void => {
    if (phase === 'running' && lease !== null && lease <= time) addEntry(lease, 'lapsed', 'retrying')
  }

  for (const event of events) {
    // A late holder may still renew or finish after its lease expired; the expiry comes first.
    expireLease(event.time)
    addEntry(event.time, event, nextPhase(event, phase))
    if (event.event === 'claimed' || event.event === 'renewed') lease = event.leaseUntil
  }
  expireLease(now)
  return entries
}

const nextPhase = (event: TaskEvent, phase: Phase | undefined): Phase => {
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
