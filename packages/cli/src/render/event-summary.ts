import { type Event, taskIdOf } from '@claimlog/client/unstable-internals'

/** What an event is about, in short. */
export type EventSummary = {
  readonly seq: number
  readonly event: Event['event']
  readonly task_id?: string
  readonly worker?: string
  readonly time: string
}

export const summaryOf = (event: Event): EventSummary => {
  const taskId = taskIdOf(event)
  const worker = 'worker' in event ? event.worker : event.by
  return {
    seq: event.seq,
    event: event.event,
    ...(taskId === undefined ? {} : { task_id: taskId }),
    ...(worker === undefined ? {} : { worker }),
    time: event.time,
  }
}
