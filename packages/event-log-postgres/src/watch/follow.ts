import * as E from 'fp-ts/lib/Either.js'
import { closed, type LifeCycle, type LogWatch, type Numbered, type ReadFailure } from '@claimlog/event-log'
import type { LogPosition } from '@claimlog/event-log-line'
import type { PostgresContext } from '../log-context.ts'
import { readEvents } from '../read/read-events.ts'

/** A long log is not kept in memory as a whole. */
const batchMax = 10_000

/** The events of the log after `seq` as they are appended, until `signal` aborts, the log is closed or reading fails. */
export const follow = async function* <A extends Numbered>(
  context: PostgresContext<A>,
  life: LifeCycle,
  seq: number,
  knownEnd: LogPosition,
  watch: () => LogWatch,
  signal: AbortSignal,
): AsyncGenerator<E.Either<ReadFailure, ReadonlyArray<A>>> {
  if (!life.isOpen()) {
    yield closed
    return
  }
  const appends = watch()
  let position = knownEnd
  let nextSeq = seq
  let batch: Array<A> = []
  try {
    while (!signal.aborted && life.isOpen()) {
      const shouldStop = (): boolean => batch.length >= batchMax || signal.aborted || life.isOverdue()
      const onEvents = (events: ReadonlyArray<A>): void => {
        for (const event of events) batch.push(event)
      }
      const { codec, connection } = context
      const request = { seq: nextSeq, codec, onEvents, shouldStop }
      const end = await life.run(readEvents(context, position, connection.request, request))()
      const isFull = batch.length >= batchMax
      nextSeq = batch.at(-1)?.seq ?? nextSeq
      if (E.isRight(end) && end.right.seq >= nextSeq) position = end.right
      if (batch.length > 0) yield E.right(batch)
      batch = []
      if (E.isLeft(end)) {
        // A caller that has stopped meanwhile did not wait for the server.
        if (!(signal.aborted && end.left.failure === 'Unreachable')) yield end
        return
      }
      if (!isFull) await appends.next(signal)
    }
  } finally {
    appends.close()
  }
}
