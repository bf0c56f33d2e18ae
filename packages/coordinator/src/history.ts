import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type Event,
  isAbout,
  type Refusal,
  type TaskEvent,
  type TaskId,
  type TraceView,
  traceView,
} from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import type { ReadView } from './read-view.ts'

/** One task's history, told from the events of its log up to the state that `read` sees. */
export const traceTask =
  (log: EventLog<Event>, read: ReadView, taskId: TaskId): TE.TaskEither<Refusal | ReadFailure, TraceView> =>
  async () => {
    const found = await read(({ table, seq }, now) => ({ task: table.get(taskId), seq, now }))()
    if (E.isLeft(found)) return found
    const { task, seq, now } = found.right
    if (task === undefined) return E.left({ error: 'unknown_task', taskId })
    const isItsOwn = isAbout(taskId)
    const events: Array<TaskEvent> = []
    const end = await log.readAfter(0, batch => {
      for (const event of batch) if (event.seq <= seq && isItsOwn(event)) events.push(event)
    })()
    return E.isLeft(end) ? end : E.right(traceView(task, events, now, seq))
  }
