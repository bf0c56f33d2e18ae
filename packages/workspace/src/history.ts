import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, findTask, isAbout, type Refusal, type TaskId } from '@claimlog/domain'
import { type TraceView, traceView } from '@claimlog/wire'
import type { Address, EventLog, ReadFailure } from '@claimlog/event-log'
import type { ReadView } from './views.ts'

/** One task's history, told from its events up to the state that `read` sees, which stand at `addressesOf` it. */
export const traceTask =
  (
    log: EventLog<Event>,
    read: ReadView,
    addressesOf: (taskId: TaskId) => ReadonlyArray<Address>,
    taskId: TaskId,
  ): TE.TaskEither<Refusal | ReadFailure, TraceView> =>
  async () => {
    const found = await read((state, now) => ({
      task: findTask(state, taskId),
      addresses: addressesOf(taskId),
      end: { seq: state.seq, clock: state.clock },
      now,
    }))()
    if (E.isLeft(found)) return found
    const { task, addresses, end, now } = found.right
    if (task === undefined) return E.left({ error: 'unknown_task', taskId })
    const fetched = await log.fetch(addresses)()
    if (E.isLeft(fetched)) return fetched
    const events = fetched.right === undefined ? await readFromStart(log, end.seq) : E.right(fetched.right)
    return E.isLeft(events) ? events : E.right(traceView(end, task, events.right.filter(isAbout(taskId)), now))
  }

/** Where the events do not stand where they did, reading them all says what is wrong. */
const readFromStart = async (
  log: EventLog<Event>,
  seq: number,
): Promise<E.Either<ReadFailure, ReadonlyArray<Event>>> => {
  const events: Array<Event> = []
  const end = await log.readAfter(0, batch => {
    for (const event of batch) if (event.seq <= seq) events.push(event)
  })()
  return E.isLeft(end) ? end : E.right(events)
}
