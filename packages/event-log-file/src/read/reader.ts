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
 * A reader takes no lock, so it can look while the next writer sets a torn tail aside and writes over its place. What
 * looks damaged is therefore looked at again before it is said.
 */
const looksBeforeDamaged = 4
const pauseBetweenLooksMs = 10

/**
 * Gives the log's events after `seq` to `take`, starting at `known` where that is the place, and answers where the log
 * ends, or where `isEnough` said after a batch that it need not go on. Gives way to others between chunks.
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

/** Reads a log in a file that it has opened for itself. */
export type Reader = {
  readonly position: () => Position
  /** Reads up to where the log ends now, or until it is enough. */
  readonly toEnd: (isEnough?: () => boolean) => TE.TaskEither<ReadFailure, void>
  readonly close: () => void
}

/** A reader after `seq`, from `known` on where that is the place; whatever it reads is to hold the history up to there. */
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
  // What was read once must be found again, also by who reads from the start.
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

/** Reads on from where one process knows a log up to. */
export type ReadOn<A> = {
  /** Whether the log that has the name now holds what was read or written up to here. */
  readonly checkHistory: () => E.Either<IoFailed | NoLog | HistoryChanged, void>
  /** Gives the events after `seq` to `take`, without the lock: what was read once need not be read again under it. */
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

/** A position as a bookmark: `at` is the byte that its line starts at, the byte after it, and its hash. */
export const bookmarkOf = ({ seq, lineOffset, offset, hash }: Position): Bookmark => ({
  seq,
  at: `${lineOffset} ${offset} ${hash}`,
})

const written = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{32})$/

/**
 * The place that `bookmark` names, if the file still holds the history up to there: the hash at that place covers all that
 * stands before it. undefined: it does not, or the bookmark is none of ours.
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
 * Whether the file still holds the line that ends at `position`. As every line's hash covers all before it, the same
 * digits at the same place mean the same history up to there. No time of the file's is believed: it may be set, and in one
 * tick of the kernel's clock there is room for a copy put back and for others' writes.
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
      : 'another history stands where this line was'
  return E.left({ failure: 'HistoryChanged', path, line: position.seq, offset: position.lineOffset, detail })
}

/** Made once: a turn under the lock comes to it. */
const held: E.Either<never, void> = E.right(undefined)

/** Bytes at the end of a line that hold its hash, one before it, and the newline. */
const sealBytes = 45

/** The hash that the line carries which ends at byte `offset` of the file; undefined: no line ends there. Throws as the disk does. */
export const hashBefore = (file: OpenFile, offset: number): string | undefined => {
  if (offset < sealBytes) return undefined
  const text = readWhole(file, Buffer.allocUnsafe(sealBytes), offset - sealBytes).toString('latin1')
  return text.endsWith('\n') ? hashOf(text.slice(0, -1)) : undefined
}

/** The digits of a line's hash, and what ends the line after them. */
const endOfLine = Buffer.allocUnsafe(35)
const hashDigits = 32
const newline = 0x0a

/**
 * Whether the line that ends at byte `offset` carries `hash`. As {@link hashBefore}, for every turn under the lock: reads
 * no more than it compares, into a buffer that is there already.
 */
const endsWithHash = (file: OpenFile, offset: number, hash: string): boolean =>
  readWhole(file, endOfLine, offset - endOfLine.length).length === endOfLine.length &&
  endOfLine[endOfLine.length - 1] === newline &&
  endOfLine.toString('latin1', 0, hashDigits) === hash
