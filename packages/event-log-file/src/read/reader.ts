import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type Bookmark,
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
import type { Timers } from '../disk/disk.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { type LogFile, type OpenFile, openLogFile, type Place, readWhole, type Source } from '../disk/log-file.ts'
import { hashOf, lostAfter, type Position } from '../format/line.ts'
import { type Cursor, openCursor, takeFresh } from './cursor.ts'

/**
 * A reader takes no lock, so it can read while the next writer moves a torn tail away and writes over its bytes. What
 * seems damaged is therefore read again before it is reported.
 */
const looksBeforeDamaged = 4
const pauseBetweenLooksMs = 10

/**
 * Passes the events after `seq` to `onEvents`, starting at `knownEnd` if that is the right position, and returns the
 * end of the log, or the position after the batch at which `isEnough` returned true. Yields to the event loop between
 * chunks.
 */
export const readAfter =
  <A extends Numbered>(
    source: Source<A>,
    seq: number,
    known: Position,
    take: Take<A>,
    isEnough?: () => boolean,
  ): TE.TaskEither<ReadFailure, Position> =>
  async () => {
    const reader = openReader(source, seq, known, take)
    if (E.isLeft(reader)) return reader
    try {
      const read = await reader.right.toEnd(isEnough)()
      return E.isLeft(read) ? read : E.right(reader.right.position())
    } finally {
      reader.right.close()
    }
  }

/** Reads a log through its own open file. */
export type Reader = {
  readonly position: () => Position
  /** Reads up to the current end of the log, or until it is enough. */
  readonly toEnd: (isEnough?: () => boolean) => TE.TaskEither<ReadFailure, void>
  readonly close: () => void
}

/**
 * A reader after `seq`, starting at `knownEnd` if that is the right position. The file must have the history up to
 * `knownEnd`.
 */
export const openReader = <A extends Numbered>(
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
  // What was read once must still be there, also for a reader that starts at the beginning.
  const held = stillHolds(path, file, known)
  if (E.isLeft(held)) {
    file.close()
    return held
  }

  const toEnd =
    (isEnough?: () => boolean): TE.TaskEither<ReadFailure, void> =>
    async () => {
      for (let look = 1; ; look += 1) {
        const moved = file.refresh()
        if (E.isLeft(moved)) return moved
        const stillHeld = stillHolds(path, file, cursor.position())
        if (E.isLeft(stillHeld)) return stillHeld
        const read = await readChunks(cursor, file, timers, isEnough)()
        if (E.isRight(read) || read.left.failure !== 'LogDamaged' || look === looksBeforeDamaged) return read
        await timers.sleep(pauseBetweenLooksMs)
      }
    }
  return E.right({ position: cursor.position, toEnd, close: file.close })
}

const readChunks =
  (cursor: Cursor, file: LogFile, timers: Timers, isEnough?: () => boolean): TE.TaskEither<ReadFailure, void> =>
  async () => {
    cursor.moveTo(cursor.position())
    for (;;) {
      const step = cursor.step(file.current(), file.size())
      if (E.isLeft(step)) return step
      if (!step.right || isEnough?.() === true) return E.right(undefined)
      await timers.nextTurn()
    }
  }

/** Reads a log without the lock, and moves the process's known end of the log forward. */
export type ReadOn<A> = {
  /** Fails unless the file that has the name now contains what was read or written so far. */
  readonly checkHistory: () => E.Either<IoFailed | NoLog | HistoryChanged, void>
  /**
   * Passes the events after `seq` to `onEvents`, without the lock: what is read now need not be read again under it.
   */
  readonly readOn: (seq: number, take: Take<A>, isEnough?: () => boolean) => TE.TaskEither<ReadFailure, number>
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
    readOn:
      (seq, take, isEnough = () => false) =>
      async () => {
        const known = end.position()
        const read = await readAfter(source, seq, known, take, () => life.isOverdue() || isEnough())()
        // It is opened by its name, which another file may have now.
        if (E.isLeft(read)) return read.left.failure === 'NoLog' ? E.left({ ...read.left, wasOpen: true }) : read
        if (life.isOverdue()) return closed
        if (read.right.seq < known.seq && !isEnough()) return E.left(lostAfter(source.path, read.right, known.seq))
        if (read.right.seq > end.position().seq) {
          // A read from the start, or while this object wrote, may have seen another history.
          const isNext = seq === known.seq && known === end.position()
          const checked = isNext ? E.right(undefined) : checkHistory()
          if (E.isLeft(checked)) return checked
          end.moveTo(read.right)
        }
        return E.right(Math.max(seq, read.right.seq))
      },
  }
}

/** The cursor of a position: the first byte of its line, the byte after it, and its hash. */
export const bookmarkOf = ({ seq, lineOffset, offset, hash }: Position): Bookmark => ({
  seq,
  at: `${lineOffset} ${offset} ${hash}`,
})

const written = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{32})$/

/**
 * The position of a cursor, if the file still contains the history up to it: the hash at that position covers
 * everything before it. undefined: it does not, or the cursor is not one of this implementation.
 */
export const placeOf = (
  { path }: Place,
  file: LogFile,
  { seq, at }: Bookmark,
): E.Either<IoFailed | NoLog, Position | undefined> => {
  const [, lineOffset, offset, hash = ''] = written.exec(at) ?? []
  const place: Position = { seq, lineOffset: Number(lineOffset), offset: Number(offset), hash }
  const refreshed = file.refresh()
  if (E.isLeft(refreshed)) return refreshed
  if (!(seq > 0) || !(file.size() >= place.offset)) return E.right(undefined)
  try {
    return E.right(hashBefore(file.current(), place.offset) === hash ? place : undefined)
  } catch (thrown) {
    return E.left(ioFailed(path, 'read', thrown))
  }
}

/**
 * Fails unless the file still has the line that ends at `position`. Every line's hash covers everything before it, so
 * the same digits at the same position mean the same history. The times of the file are not trusted: they can be set,
 * and within one tick of the kernel's clock a copy can be restored and others can write.
 */
export const stillHolds = (
  path: string,
  file: LogFile,
  position: Position,
): E.Either<IoFailed | HistoryChanged, void> => {
  if (position.seq === 0) return held
  try {
    if (file.size() >= position.offset && endsWithHash(file.current(), position.offset, position.hash)) return held
  } catch (thrown) {
    return E.left(ioFailed(path, 'read', thrown))
  }
  const detail =
    file.size() < position.offset
      ? `the log ends at byte ${file.size()}, but lines up to byte ${position.offset} were there before`
      : 'this line was replaced by another history'
  return E.left({ failure: 'HistoryChanged', path, line: position.seq, offset: position.lineOffset, detail })
}

/** Allocated once, because every commit returns it. */
const held: E.Either<never, void> = E.right(undefined)

/** The bytes at the end of a line that contain its hash, one byte before it, and the newline. */
const sealBytes = 45

/**
 * The hash of the line that ends at byte `offset` of the file; undefined: no line ends there. Throws as the disk does.
 */
export const hashBefore = (file: OpenFile, offset: number): string | undefined => {
  if (offset < sealBytes) return undefined
  const text = readWhole(file, Buffer.allocUnsafe(sealBytes), offset - sealBytes).toString('latin1')
  return text.endsWith('\n') ? hashOf(text.slice(0, -1)) : undefined
}

/** A buffer for the digits of a line's hash and the end of the line. */
const endOfLine = Buffer.allocUnsafe(35)
const hashDigits = 32
const newline = 0x0a

/**
 * True if the line that ends at byte `offset` has `hash`. Like {@link hashBefore}, but for every commit: reads no more
 * than it compares, into an existing buffer.
 */
const endsWithHash = (file: OpenFile, offset: number, hash: string): boolean =>
  readWhole(file, endOfLine, offset - endOfLine.length).length === endOfLine.length &&
  endOfLine[endOfLine.length - 1] === newline &&
  endOfLine.toString('latin1', 0, hashDigits) === hash
