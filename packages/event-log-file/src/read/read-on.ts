import * as E from 'fp-ts/lib/Either.js'
import {
  closed,
  type HistoryChanged,
  type IoFailed,
  type LifeCycle,
  type NoLog,
  type Numbered,
  type ReadFailure,
  type Take,
} from '@claimlog/event-log'
import type { EndOfLog } from '../commit/end-of-log.ts'
import { type LogFile, stillHolds } from '../disk/log-file.ts'
import { lostAfter } from '../format/parse-line.ts'
import { readAfter } from './reader.ts'
import type { Source } from '../disk/source.ts'

/** Reads on from where one process knows a log up to. */
export type ReadOn<A> = {
  /** Whether the log that has the name now holds what was read or written up to here. */
  readonly checkHistory: () => E.Either<IoFailed | NoLog | HistoryChanged, void>
  /** Gives the events after `seq` to `take`, without the lock: what was read once need not be read again under it. */
  readonly readOn: (seq: number, take: Take<A>, isEnough?: () => boolean) => Promise<E.Either<ReadFailure, number>>
}

export const readOnOf = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  end: EndOfLog<A>,
  life: LifeCycle,
): ReadOn<A> => {
  const checkHistory = (): E.Either<IoFailed | NoLog | HistoryChanged, void> => {
    const refreshed = file.refresh()
    return E.isLeft(refreshed) ? refreshed : stillHolds(source.path, file, end.position())
  }

  return {
    checkHistory,
    readOn: async (seq, take, isEnough = () => false) => {
      const known = end.position()
      const read = await readAfter(source, seq, known, take, () => life.isOverdue() || isEnough())
      // It is read by its name, as another file may have that now.
      if (E.isLeft(read)) return read.left.failure === 'NoLog' ? E.left({ ...read.left, wasOpen: true }) : read
      if (life.isOverdue()) return closed
      if (read.right.seq < known.seq && !isEnough()) return E.left(lostAfter(source.path, read.right, known.seq))
      if (read.right.seq > end.position().seq) {
        // Who read from the start, or while others wrote through this object, may have read another history.
        const isNext = seq === known.seq && known === end.position()
        const checked = isNext ? E.right(undefined) : checkHistory()
        if (E.isLeft(checked)) return checked
        end.moveTo(read.right)
      }
      return E.right(Math.max(seq, read.right.seq))
    },
  }
}
