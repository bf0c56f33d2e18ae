import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  applyNew,
  type LogCursor,
  closed,
  type HistoryChanged,
  type IoFailed,
  type LifeCycle,
  type NoLog,
  type Numbered,
  type ReadFailure,
  type OnEvents,
} from '@claimlog/event-log'
import type { LogTail } from '../commit/log-tail.ts'
import type { Timers } from '../disk/disk.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import {
  type LogFile,
  type OpenFile,
  openLogFile,
  type FileContext,
  readFully,
  type LogContext,
} from '../disk/log-file.ts'
import { readHash, lostLinesFailure, type LogPosition } from '@claimlog/event-log-line'
import { type ChainReader, openChainReader } from './chain-reader.ts'

/**
 * A reader takes no lock, so it can read while the next writer moves a torn tail away and writes over its bytes. What
 * seems damaged is therefore read again before it is reported.
 */
const damageRechecksMax = 4
const recheckPauseMs = 10

/**
 * Passes the events after `seq` to `onEvents`, starting at `knownEnd` if that is the right position, and returns the
 * end of the log, or the position after the batch at which `shouldStop` returned true. Yields to the event loop between
 * chunks.
 */
export const readEvents =
  <A extends Numbered>(
    source: LogContext<A>,
    seq: number,
    knownEnd: LogPosition,
    onEvents: OnEvents<A>,
    shouldStop?: () => boolean,
  ): TE.TaskEither<ReadFailure, LogPosition> =>
  async () => {
    const reader = openLogReader(source, seq, knownEnd, onEvents)
    if (E.isLeft(reader)) return reader
    try {
      const readResult = await reader.right.readToEnd(shouldStop)()
      return E.isLeft(readResult) ? readResult : E.right(reader.right.position())
    } finally {
      reader.right.close()
    }
  }

/** Reads a log through its own open file. */
export type LogReader = {
  readonly position: () => LogPosition
  /** Reads up to the current end of the log, or until `shouldStop` returns true. */
  readonly readToEnd: (shouldStop?: () => boolean) => TE.TaskEither<ReadFailure, void>
  readonly close: () => void
}

/**
 * A reader after `seq`, starting at `knownEnd` if that is the right position. The file must have the history up to
 * `knownEnd`.
 */
export const openLogReader = <A extends Numbered>(
  { disk, timers, path, codec }: LogContext<A>,
  seq: number,
  knownEnd: LogPosition,
  onEvents: OnEvents<A>,
): E.Either<ReadFailure, LogReader> => {
  const opened = openLogFile(disk, path)
  if (E.isLeft(opened)) return opened
  const file = opened.right
  const chainReader = openChainReader<A>(path, codec, (events, offsets) =>
    applyNew({ seq, apply: onEvents }, events, offsets),
  )
  if (knownEnd.seq === seq) chainReader.seek(knownEnd)
  // What was read once must still be there, also for a reader that starts at the beginning.
  const historyResult = verifyHistory(path, file, knownEnd)
  if (E.isLeft(historyResult)) {
    file.close()
    return historyResult
  }

  const readToEnd =
    (shouldStop?: () => boolean): TE.TaskEither<ReadFailure, void> =>
    async () => {
      for (let attempt = 1; ; attempt += 1) {
        const refreshResult = file.refresh()
        if (E.isLeft(refreshResult)) return refreshResult
        const currentHistory = verifyHistory(path, file, chainReader.position())
        if (E.isLeft(currentHistory)) return currentHistory
        const readResult = await readChunks(chainReader, file, timers, shouldStop)()
        if (E.isRight(readResult) || readResult.left.failure !== 'LogDamaged' || attempt === damageRechecksMax)
          return readResult
        await timers.sleep(recheckPauseMs)
      }
    }
  return E.right({ position: chainReader.position, readToEnd, close: file.close })
}

const readChunks =
  (
    chainReader: ChainReader,
    file: LogFile,
    timers: Timers,
    shouldStop?: () => boolean,
  ): TE.TaskEither<ReadFailure, void> =>
  async () => {
    chainReader.seek(chainReader.position())
    for (;;) {
      const chunkResult = chainReader.readChunk(file.current(), file.size())
      if (E.isLeft(chunkResult)) return chunkResult
      if (!chunkResult.right || shouldStop?.() === true) return E.right(undefined)
      await timers.yieldToEventLoop()
    }
  }

/** Reads a log without the lock, and moves the process's known end of the log forward. */
export type TailReader<A> = {
  /** Fails unless the file that has the name now contains what was read or written so far. */
  readonly checkHistory: () => E.Either<IoFailed | NoLog | HistoryChanged, void>
  /**
   * Passes the events after `seq` to `onEvents`, without the lock: what is read now need not be read again under it.
   */
  readonly readAndAdvance: (
    seq: number,
    onEvents: OnEvents<A>,
    shouldStop?: () => boolean,
  ) => TE.TaskEither<ReadFailure, number>
}

export const createTailReader = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  tail: LogTail<A>,
  life: LifeCycle,
): TailReader<A> => {
  const checkHistory = (): E.Either<IoFailed | NoLog | HistoryChanged, void> => {
    const refreshResult = file.refresh()
    return E.isLeft(refreshResult) ? refreshResult : verifyHistory(source.path, file, tail.position())
  }

  return {
    checkHistory,
    readAndAdvance:
      (seq, onEvents, shouldStop = () => false) =>
      async () => {
        const knownEnd = tail.position()
        const readResult = await readEvents(source, seq, knownEnd, onEvents, () => life.isOverdue() || shouldStop())()
        // It is opened by its name, which another file may have now.
        if (E.isLeft(readResult))
          return readResult.left.failure === 'NoLog' ? E.left({ ...readResult.left, wasOpen: true }) : readResult
        if (life.isOverdue()) return closed
        if (readResult.right.seq < knownEnd.seq && !shouldStop())
          return E.left(lostLinesFailure(source.path, readResult.right, knownEnd.seq))
        if (readResult.right.seq > tail.position().seq) {
          // A read from the start, or while this object wrote, may have seen another history.
          const isNext = seq === knownEnd.seq && knownEnd === tail.position()
          const historyCheck = isNext ? E.right(undefined) : checkHistory()
          if (E.isLeft(historyCheck)) return historyCheck
          tail.seek(readResult.right)
        }
        return E.right(Math.max(seq, readResult.right.seq))
      },
  }
}

/** The cursor of a position: the first byte of its line, the byte after it, and its hash. */
export const toCursor = ({ seq, lineOffset, offset, hash }: LogPosition): LogCursor => ({
  seq,
  location: `${lineOffset} ${offset} ${hash}`,
})

const locationPattern = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{32})$/

/**
 * The position of a cursor, if the file still contains the history up to it: the hash at that position covers
 * everything before it. undefined: it does not, or the cursor is not one of this implementation.
 */
export const findPosition = (
  { path }: FileContext,
  file: LogFile,
  { seq, location }: LogCursor,
): E.Either<IoFailed | NoLog, LogPosition | undefined> => {
  const [, lineOffset, offset, hash = ''] = locationPattern.exec(location) ?? []
  const position: LogPosition = { seq, lineOffset: Number(lineOffset), offset: Number(offset), hash }
  const refreshResult = file.refresh()
  if (E.isLeft(refreshResult)) return refreshResult
  if (!(seq > 0) || !(file.size() >= position.offset)) return E.right(undefined)
  try {
    return E.right(readLineHash(file.current(), position.offset) === hash ? position : undefined)
  } catch (thrown) {
    return E.left(toIoFailed(path, 'read', thrown))
  }
}

/**
 * Fails unless the file still has the line that ends at `position`. Every line's hash covers everything before it, so
 * the same digits at the same position mean the same history. The times of the file are not trusted: they can be set,
 * and within one tick of the kernel's clock a copy can be restored and others can write.
 */
export const verifyHistory = (
  path: string,
  file: LogFile,
  position: LogPosition,
): E.Either<IoFailed | HistoryChanged, void> => {
  if (position.seq === 0) return sameHistory
  try {
    if (file.size() >= position.offset && endsWithHash(file.current(), position.offset, position.hash))
      return sameHistory
  } catch (thrown) {
    return E.left(toIoFailed(path, 'read', thrown))
  }
  const detail =
    file.size() < position.offset
      ? `the log ends at byte ${file.size()}, but lines up to byte ${position.offset} were there before`
      : 'this line was replaced by another history'
  return E.left({ failure: 'HistoryChanged', path, line: position.seq, offset: position.lineOffset, detail })
}

/** Allocated once, because every commit returns it. */
const sameHistory: E.Either<never, void> = E.right(undefined)

/** The bytes at the end of a line that contain its hash, one byte before it, and the newline. */
const lineEndBytes = 45

/**
 * The hash of the line that ends at byte `offset` of the file; undefined: no line ends there. Throws as the disk does.
 */
export const readLineHash = (file: OpenFile, offset: number): string | undefined => {
  if (offset < lineEndBytes) return undefined
  const text = readFully(file, Buffer.allocUnsafe(lineEndBytes), offset - lineEndBytes).toString('latin1')
  return text.endsWith('\n') ? readHash(text.slice(0, -1)) : undefined
}

/** A buffer for the digits of a line's hash and the end of the line. */
const lineEndBuffer = Buffer.allocUnsafe(35)
const hashDigits = 32
const newline = 0x0a

/**
 * True if the line that ends at byte `offset` has `hash`. Like {@link readLineHash}, but for every commit: reads no
 * more than it compares, into an existing buffer.
 */
const endsWithHash = (file: OpenFile, offset: number, hash: string): boolean =>
  readFully(file, lineEndBuffer, offset - lineEndBuffer.length).length === lineEndBuffer.length &&
  lineEndBuffer[lineEndBuffer.length - 1] === newline &&
  lineEndBuffer.toString('latin1', 0, hashDigits) === hash
