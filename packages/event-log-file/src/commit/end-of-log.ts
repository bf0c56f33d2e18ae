import * as E from 'fp-ts/lib/Either.js'
import {
  assertNumberedFrom,
  type Follower,
  type Numbered,
  type ReadFailure,
  type TransactFailure,
} from '@claimlog/event-log'
import { appendDecision } from './append.ts'
import { openCursor } from '../read/cursor.ts'
import { lostAfter } from '../format/parse-line.ts'
import { type Position, startOfLog } from '../format/position.ts'
import type { LogFile } from '../disk/log-file.ts'
import type { Source } from '../disk/source.ts'
import { takeFresh } from '../read/take-fresh.ts'

/** Where one process has read or written a log up to, and what it does there while it holds the lock. */
export type EndOfLog<A> = {
  /** After the last whole decision that was read or written. */
  readonly position: () => Position
  /** How often something was read that others wrote. */
  readonly reads: () => number
  /** Continues from `position`, where this very log is known to be sound. */
  readonly moveTo: (position: Position) => void
  /** Gives `follower` every whole decision there is, from where it stands, in a file that still holds the position. */
  readonly catchUp: (follower: Follower<A>) => E.Either<ReadFailure, void>
  /**
   * Gives the follower that was caught up last what was written since, as far as it can be read; without the lock, so that
   * less is left to be read under it. What cannot be read is left to {@link catchUp}, which says why. Answers how long the
   * log is, in bytes; 0: that is not known.
   */
  readonly readAhead: () => number
  /** Appends one decision, numbered on from the position, and gives it to `follower`. */
  readonly write: (follower: Follower<A>, events: ReadonlyArray<A>) => E.Either<TransactFailure, void>
}

/** The end of the log that `file` holds, which nothing was read of yet. */
export const endOfLog = <A extends Numbered>(source: Source<A>, file: LogFile): EndOfLog<A> => {
  let taker: Follower<A> = counter(0)
  let reads = 0
  const cursor = openCursor<A>(source.path, source.codec, (events, addresses) => takeFresh(taker, events, addresses))
  const step = (size: number): E.Either<ReadFailure, boolean> => {
    const read = cursor.step(file.current(), size)
    if (E.isRight(read) && read.right) reads += 1
    return read
  }

  return {
    position: cursor.position,
    reads: () => reads,
    moveTo: cursor.moveTo,
    catchUp: follower => {
      taker = follower
      const known = cursor.position()
      cursor.moveTo(follower.seq === known.seq ? known : startOfLog)
      for (;;) {
        const read = step(file.size())
        if (E.isLeft(read)) return read
        if (!read.right) return reaches(source.path, cursor.position(), follower.seq)
      }
    },
    readAhead: () => {
      let size = 0
      try {
        ;({ size } = file.current().identity())
        if (taker.seq !== cursor.position().seq) return size
        for (let read = step(size); E.isRight(read) && read.right;) read = step(size)
      } catch {
        // The system says so again to whoever holds the lock.
      }
      cursor.moveTo(cursor.position())
      return size
    },
    write: (follower, events) => {
      if (events.length === 0) return E.right(undefined)
      assertNumberedFrom(cursor.position().seq, events)
      const appended = appendDecision(source, file, cursor.position(), events)
      if (E.isLeft(appended)) return appended
      cursor.moveTo(appended.right.position)
      follower.take(events, appended.right.addresses)
      return E.right(undefined)
    },
  }
}

/** What a follower has taken once must be read again before anything is written after it. */
const reaches = (path: string, end: Position, seq: number): E.Either<ReadFailure, void> =>
  end.seq < seq ? E.left(lostAfter(path, end, seq)) : E.right(undefined)

/** A follower that keeps nothing but how far it is. */
export const counter = <A extends Numbered>(start: number): Follower<A> => {
  let seq = start
  return {
    get seq() {
      return seq
    },
    take: events => {
      seq = events.at(-1)?.seq ?? seq
    },
  }
}
