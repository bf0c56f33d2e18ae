import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type Event,
  findTask,
  isAboutTask,
  type LogClock,
  type Refusal,
  type State,
  type Task,
  type TaskId,
  type Time,
} from '@claimlog/domain'
import { type TraceView, traceView } from '@claimlog/wire'
import type { LogOffset, EventLog, ReadFailure } from '@claimlog/event-log'
import type { Query } from './queries.ts'

/** A task, the offsets of its events, and the position up to which the log was read. */
type TracedTask = {
  readonly task: Task
  readonly offsets: ReadonlyArray<LogOffset>
  readonly end: { readonly seq: number; readonly clock: LogClock }
  readonly now: Time
}

/** Builds one task's history from its events up to the state that `query` sees, at their `taskOffsets`. */
export const traceTask = (
  log: EventLog<Event>,
  query: Query,
  taskOffsets: (taskId: TaskId) => ReadonlyArray<LogOffset>,
  taskId: TaskId,
): TE.TaskEither<Refusal | ReadFailure, TraceView> => {
  const find = (state: State, now: Time): E.Either<Refusal, TracedTask> => {
    const task = findTask(state, taskId)
    if (task === undefined) return E.left({ error: 'unknown_task', taskId })
    return E.right({ task, offsets: taskOffsets(taskId), end: { seq: state.seq, clock: state.clock }, now })
  }
  return pipe(
    query(find),
    TE.chainW(target => TE.fromEither(target)),
    TE.chainW(target => readEvents(log, target)),
    TE.map(({ end, task, now, events }) => traceView(end, task, events.filter(isAboutTask(taskId)), now)),
  )
}

/** Reads the events of a task. If they are not at their offsets, reading the whole log reports the cause. */
const readEvents = (log: EventLog<Event>, target: TracedTask) =>
  pipe(
    log.readByOffset(target.offsets),
    TE.chainW(events => (events === undefined ? readFromStart(log, target.end.seq) : TE.right(events))),
    TE.map(events => ({ ...target, events })),
  )

const readFromStart = (log: EventLog<Event>, seq: number): TE.TaskEither<ReadFailure, ReadonlyArray<Event>> => {
  const events: Array<Event> = []
  return pipe(
    log.read(0, batch => {
      for (const event of batch) if (event.seq <= seq) events.push(event)
    }),
    TE.map(() => events),
  )
}
