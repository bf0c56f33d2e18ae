import * as E from 'fp-ts/lib/Either.js'
import { closed, type LifeCycle, type Numbered, type ReadFailure } from '@claimlog/event-log'
import type { LogContext } from '../disk/log-file.ts'
import type { LogPosition } from '@claimlog/event-log-line'
import { watchLog } from './log-watch.ts'
import { openLogReader } from './log-reader.ts'

/** A long log is not kept in memory as a whole: 600,000 events of it took 1 GB. */
const batchMax = 10_000

/**
 * The events of the log after `seq` as they are appended, until `signal` aborts, the log is closed or reading fails.
 * While the caller processes a batch, no call is in flight: if the log is closed meanwhile, the generator holds nothing
 * open and ends at the next request.
 */
export const follow = async function* <A extends Numbered>(
  source: LogContext<A>,
  life: LifeCycle,
  seq: number,
  knownEnd: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<E.Either<ReadFailure, ReadonlyArray<A>>> {
  if (!life.isOpen()) {
    yield closed
    return
  }
  let batch: Array<A> = []
  const reader = openLogReader(source, seq, knownEnd, events => {
    // One by one: a decision may have more events than a call may have arguments.
    for (const event of events) batch.push(event)
  })
  if (E.isLeft(reader)) {
    yield reader
    return
  }
  const watch = watchLog(source.disk, source.path, life)
  let isReading = false
  const unsubscribe = life.onClosing(() => {
    if (!isReading) reader.right.close()
  })
  try {
    while (!signal.aborted && life.isOpen()) {
      isReading = true
      const shouldStop = (): boolean => batch.length >= batchMax || signal.aborted || life.isOverdue()
      const readResult = await life.run(reader.right.readToEnd(shouldStop))()
      isReading = false
      if (!life.isOpen()) reader.right.close()
      const isFull = batch.length >= batchMax
      if (batch.length > 0) yield E.right(batch)
      batch = []
      if (E.isLeft(readResult)) {
        yield readResult
        return
      }
      if (!isFull) await watch.next(signal)
    }
  } finally {
    unsubscribe()
    watch.close()
    reader.right.close()
  }
}
