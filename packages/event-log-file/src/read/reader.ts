import * as E from 'fp-ts/lib/Either.js'
import { closed, type LifeCycle, type Numbered, type ReadFailure, type Take } from '@claimlog/event-log'
import { type Cursor, openCursor } from './cursor.ts'
import type { Position } from '../format/position.ts'
import { type LogFile, openLogFile, stillHolds } from '../disk/log-file.ts'
import { watchLog } from './log-watch.ts'
import type { Source } from '../disk/source.ts'
import { takeFresh } from './take-fresh.ts'
import type { Timers } from '../disk/timers.ts'

/**
 * A reader takes no lock, so it can look while the next writer sets a torn tail aside and writes over its place. What
 * looks damaged is therefore looked at again before it is said.
 */
const looksBeforeDamaged = 4
const pauseBetweenLooksMs = 10

/**
 * Gives the log's events after `seq` to `take`, starting at `known` where that is the place, and answers where the log
 * ends, or where `isEnough` said after a batch that it need not go on. Gives way to others between chunks.
 */
export const readAfter = async <A extends Numbered>(
  source: Source<A>,
  seq: number,
  known: Position,
  take: Take<A>,
  isEnough?: () => boolean,
): Promise<E.Either<ReadFailure, Position>> => {
  const reader = openReader(source, seq, known, take)
  if (E.isLeft(reader)) return reader
  try {
    const read = await reader.right.toEnd(isEnough)
    return E.isLeft(read) ? read : E.right(reader.right.position())
  } finally {
    reader.right.close()
  }
}

/** A long log is not held in memory as a whole: 600,000 events of it took 1 GB. */
const batchMax = 10_000

/**
 * The log's events after `seq` as they come, until `signal` aborts, the log is closed or reading fails. One whose caller
 * works on a batch is not in flight: it holds nothing of a log that is closed meanwhile, and ends when it is asked again.
 */
export const follow = async function* <A extends Numbered>(
  source: Source<A>,
  life: LifeCycle,
  seq: number,
  known: Position,
  signal: AbortSignal,
): AsyncGenerator<E.Either<ReadFailure, ReadonlyArray<A>>> {
  if (!life.isOpen()) {
    yield closed
    return
  }
  let batch: Array<A> = []
  const reader = openReader(source, seq, known, events => {
    // One by one: a decision may have more events than a call can have arguments.
    for (const event of events) batch.push(event)
  })
  if (E.isLeft(reader)) {
    yield reader
    return
  }
  const watch = watchLog(source.disk, source.path, life)
  let isReading = false
  const unlisten = life.onClosing(() => {
    if (!isReading) reader.right.close()
  })
  try {
    while (!signal.aborted && life.isOpen()) {
      isReading = true
      const isEnough = (): boolean => batch.length >= batchMax || signal.aborted || life.isOverdue()
      const read = await life.during(() => reader.right.toEnd(isEnough))
      isReading = false
      if (!life.isOpen()) reader.right.close()
      const isFull = batch.length >= batchMax
      if (batch.length > 0) yield E.right(batch)
      batch = []
      if (E.isLeft(read)) {
        yield read
        return
      }
      if (!isFull) await watch.next(signal)
    }
  } finally {
    unlisten()
    watch.close()
    reader.right.close()
  }
}

type Reader = {
  readonly position: () => Position
  /** Reads up to where the log ends now, or until it is enough. */
  readonly toEnd: (isEnough?: () => boolean) => Promise<E.Either<ReadFailure, void>>
  readonly close: () => void
}

const openReader = <A extends Numbered>(
  { disk, timers, path, codec }: Source<A>,
  seq: number,
  known: Position,
  take: Take<A>,
): E.Either<ReadFailure, Reader> => {
  const opened = openLogFile(disk, path)
  if (E.isLeft(opened)) return opened
  const file = opened.right
  const cursor = openCursor<A>(path, codec, (events, addresses) => takeFresh({ seq, take }, events, addresses))
  if (known.seq === seq) cursor.moveTo(known)
  // What was read once must be found again, also by who reads from the start.
  const held = stillHolds(path, file, known)
  if (E.isLeft(held)) {
    file.close()
    return held
  }

  const toEnd = async (isEnough?: () => boolean): Promise<E.Either<ReadFailure, void>> => {
    for (let look = 1; ; look += 1) {
      const moved = file.refresh()
      if (E.isLeft(moved)) return moved
      const stillHeld = stillHolds(path, file, cursor.position())
      if (E.isLeft(stillHeld)) return stillHeld
      const read = await readChunks(cursor, file, timers, isEnough)
      if (E.isRight(read) || read.left.failure !== 'LogDamaged' || look === looksBeforeDamaged) return read
      await timers.sleep(pauseBetweenLooksMs)
    }
  }
  return E.right({ position: cursor.position, toEnd, close: file.close })
}

const readChunks = async (
  cursor: Cursor,
  file: LogFile,
  timers: Timers,
  isEnough?: () => boolean,
): Promise<E.Either<ReadFailure, void>> => {
  cursor.moveTo(cursor.position())
  for (;;) {
    const step = cursor.step(file.current(), file.size())
    if (E.isLeft(step)) return step
    if (!step.right || isEnough?.() === true) return E.right(undefined)
    await timers.nextTurn()
  }
}
