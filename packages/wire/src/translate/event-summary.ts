import { type Event, eventTaskId } from '@claimlog/domain'
import type { EventSummary } from '../documents/reconcile.ts'

/** Summarizes an event. */
export const eventSummary = (event: Event): EventSummary => {
  const taskId = eventTaskId(event)
  const worker = 'worker' in event ? event.worker : event.by
  return {
    seq: event.seq,
    event: event.event,
    ...(taskId === undefined ? {} : { taskId }),
    ...(worker === undefined ? {} : { worker }),
    time: event.time,
  }
}
