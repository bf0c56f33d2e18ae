import type { Event } from '../event/index.ts'
import type { Json } from '../json.ts'
import type { TaskId } from '../names.ts'
import type { Time } from '../scalars.ts'
import type { Status, Task } from '../task.ts'
import { msOf } from '../time.ts'
import { defined } from './task-view.ts'

/** What a task was doing between two steps. */
type Phase = 'waiting' | 'running' | 'held' | 'finished'

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
  readonly progress?: Json
  readonly result?: Json
}

export type TraceView = {
  readonly task_id: TaskId
  readonly kind: string
  readonly status: Status
  readonly steps: ReadonlyArray<TraceStep>
  /** What it is doing since the last step. */
  readonly phase: Phase
  readonly waited_ms: number
  readonly ran_ms: number
  readonly held_ms: number
  readonly seq: number
}

export type TaskEvent = Extract<Event, { readonly taskId: TaskId }>

/** Whether `event` is part of the history of the task `id`. */
export const isAbout =
  (id: TaskId) =>
  (event: Event): event is TaskEvent =>
    'taskId' in event && event.taskId === id

/** The history of `task` told from its events, in their order. `now` ends the phase it is in; `seq` is the log's end. */
export const traceView = (task: Task, events: ReadonlyArray<TaskEvent>, now: Time, seq: number): TraceView => {
  const steps: Array<TraceStep> = []
  const spent: Record<Phase, number> = { waiting: 0, running: 0, held: 0, finished: 0 }
  let phase: Phase = 'waiting'
  let since: Time | undefined
  let lease: Time | null = null

  const step = (next: TraceStep, becomes: Phase): void => {
    const ms = since === undefined ? undefined : Math.max(0, msOf(next.time) - msOf(since))
    if (ms !== undefined) spent[phase] += ms
    steps.push(ms === undefined ? next : { ...next, phase, after_ms: ms })
    phase = becomes
    since = next.time
  }
  const lapseUntil = (time: Time): void => {
    if (phase === 'running' && lease !== null && lease <= time) step({ time: lease, event: 'lapsed' }, 'waiting')
  }

  for (const event of events) {
    // A late holder may still settle after the lease ended; that its lease lapsed is told first.
    if (event.event !== 'renewed') lapseUntil(event.time)
    step(stepOf(event), phaseAfter(event, phase))
    if (event.event === 'claimed' || event.event === 'renewed') lease = event.leaseUntil
  }
  lapseUntil(now)
  if (since !== undefined) spent[phase] += Math.max(0, msOf(now) - msOf(since))
  return {
    task_id: task.id,
    kind: task.kind,
    status: task.status,
    steps,
    phase,
    waited_ms: spent.waiting,
    ran_ms: spent.running,
    held_ms: spent.held,
    seq,
  }
}

const phaseAfter = (event: TaskEvent, phase: Phase): Phase => {
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
      return event.retryAt === null ? 'finished' : 'waiting'
    case 'held':
      return 'held'
    case 'amended':
    case 'noted':
      return phase
  }
}

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
    case 'added':
    case 'amended':
      return defined(common)
  }
}
