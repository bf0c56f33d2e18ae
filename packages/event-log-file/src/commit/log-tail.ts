import * as E from 'fp-ts/lib/Either.js'
import {
  type LogOffset,
  type HasEvents,
  applyNew,
  assertConsecutiveSeqs,
  type Fold,
  type IoFailed,
  type Numbered,
  type ReadFailure,
  type TooLarge,
  type TransactFailure,
} from '@claimlog/event-log'
import { toIoFailed } from '../disk/io-failure.ts'
import { appendFully, type LogFile, type LogContext } from '../disk/log-file.ts'
import type { EventCodec } from '@claimlog/event-log-line'
import { lostLinesFailure, lineBytesMax, type LogPosition, encodeLine, startOfLog } from '@claimlog/event-log-line'
import { openChainReader } from '../read/chain-reader.ts'
import { moveTornTail } from './torn-tail.ts'

/** The end of the log up to which this process has read or written, and the operations on it under the lock. */
export type LogTail<A> = {
  /** The position after the last whole decision that was read or written. */
  readonly position: () => LogPosition
  /** The number of times that events of other writers were read. */
  readonly readCount: () => number
  /** Continues from `position`, up to which this log is known to be sound. */
  readonly seek: (position: LogPosition) => void
  /** Applies every whole decision after `fold.seq`, in a file that still has the history up to the position. */
  readonly catchUp: (fold: Fold<A>) => E.Either<ReadFailure, void>
  /**
   * Applies what was written since to the fold that caught up last, as far as it can be read. Runs without the lock, so
   * that less is left to read under it. What cannot be read is left to {@link catchUp}, which returns the failure.
   * Returns the length of the log in bytes; 0: unknown.
   */
  readonly readAhead: () => number
  /** Appends one decision, numbered on from the position, and applies it. */
  readonly append: (fold: Fold<A>, events: ReadonlyArray<A>) => E.Either<TransactFailure, void>
}

/** The end of the log in `file`, of which nothing was read yet. */
export const logTail = <A extends Numbered>(source: LogContext<A>, file: LogFile): LogTail<A> => {
  let lastFold: Fold<A> = seqOnlyFold(0)
  let readCount = 0
  const reader = openChainReader<A>(source.path, source.codec, (events, offsets) => applyNew(lastFold, events, offsets))
  const readChunk = (size: number): E.Either<ReadFailure, boolean> => {
    const readResult = reader.readChunk(file.current(), size)
    if (E.isRight(readResult) && readResult.right) readCount += 1
    return readResult
  }

  return {
    position: reader.position,
    readCount: () => readCount,
    seek: reader.seek,
    catchUp: fold => {
      lastFold = fold
      const knownPosition = reader.position()
      reader.seek(fold.seq === knownPosition.seq ? knownPosition : startOfLog)
      for (;;) {
        const readResult = readChunk(file.size())
        if (E.isLeft(readResult)) return readResult
        if (!readResult.right) return checkNotLost(source.path, reader.position(), fold.seq)
      }
    },
    readAhead: () => {
      let size = 0
      try {
        ;({ size } = file.current().identity())
        if (lastFold.seq !== reader.position().seq) return size
        for (let readResult = readChunk(size); E.isRight(readResult) && readResult.right;) readResult = readChunk(size)
      } catch {
        // The process that holds the lock gets the same error.
      }
      reader.seek(reader.position())
      return size
    },
    append: (fold, events) => {
      if (events.length === 0) return E.right(undefined)
      assertConsecutiveSeqs(reader.position().seq, events)
      const appendResult = appendDecision(source, file, reader.position(), events)
      if (E.isLeft(appendResult)) return appendResult
      reader.seek(appendResult.right.position)
      fold.apply(events, appendResult.right.offsets)
      return E.right(undefined)
    },
  }
}

/** The steps of a transaction under the lock, in a file that still has the history that was read. */
export const decideAtEnd = <A extends Numbered, R, D extends HasEvents<A>, B>(
  tail: LogTail<A>,
  fold: Fold<A>,
  decide: () => E.Either<R, D>,
  result: (decision: D) => B,
): E.Either<R | TransactFailure, B> => {
  // 1. Catch up with what others wrote.
  const catchUpResult = tail.catchUp(fold)
  if (E.isLeft(catchUpResult)) return catchUpResult
  // 2. Decide.
  const decideResult = decide()
  if (E.isLeft(decideResult)) return decideResult
  // 3. Append, and fold what was appended.
  const appendResult = tail.append(fold, decideResult.right.events)
  // 4. Compute the result from the new state.
  return E.isLeft(appendResult) ? appendResult : E.right(result(decideResult.right))
}

/**
 * Fails if the log ends before `seq`: what a fold has applied must be read again before anything is written after it.
 */
const checkNotLost = (path: string, end: LogPosition, seq: number): E.Either<ReadFailure, void> =>
  end.seq < seq ? E.left(lostLinesFailure(path, end, seq)) : E.right(undefined)

/** A fold that keeps only its seq. */
export const seqOnlyFold = <A extends Numbered>(start: number): Fold<A> => {
  let seq = start
  return {
    get seq() {
      return seq
    },
    apply: events => {
      seq = events.at(-1)?.seq ?? seq
    },
  }
}

/** The position after a decision, and the offset of each of its events. */
type AppendedDecision = { readonly position: LogPosition; readonly offsets: ReadonlyArray<LogOffset> }

/** The lines of one decision. */
type EncodedDecision = AppendedDecision & { readonly bytes: Uint8Array }

/**
 * A shared buffer for the bytes of a one-line decision, which are written before the next one is encoded: allocating a
 * buffer costs more than the write.
 */
const lineBuffer = Buffer.allocUnsafeSlow(4096)
const bytesPerUnitMax = 3

/** The bytes of a line, valid until the next call. */
const toBytes = (line: string): Buffer =>
  line.length * bytesPerUnitMax <= lineBuffer.length
    ? lineBuffer.subarray(0, lineBuffer.write(line))
    : Buffer.from(line)

const encodeDecision = <A extends Numbered>(
  codec: EventCodec<A>,
  events: ReadonlyArray<A>,
  { seq, offset, hash }: LogPosition,
): E.Either<TooLarge, EncodedDecision> => {
  let text = ''
  let previous = hash
  let end = offset
  const offsets: Array<LogOffset> = []
  const last = events.length - 1
  // Most decisions have one line, whose bytes are then encoded and counted in one step.
  let singleLine: Buffer | undefined
  for (let i = 0; i <= last; i += 1) {
    const { line, hash: next } = encodeLine(previous, codec.encode(events[i] as A), i < last)
    if (last === 0) singleLine = toBytes(line)
    const bytes = singleLine?.length ?? Buffer.byteLength(line)
    if (bytes > lineBytesMax) return E.left({ failure: 'TooLarge', bytes, maxBytes: lineBytesMax })
    if (singleLine === undefined) text += line
    offsets.push(end)
    end += bytes
    previous = next
  }
  const position = { seq: seq + events.length, lineOffset: offsets[last] ?? offset, offset: end, hash: previous }
  return E.right({ bytes: singleLine ?? Buffer.from(text), offsets, position })
}

/**
 * Appends one decision at `end`, after the last whole one, and returns the new end and the offsets of its events. Moves
 * an unfinished line there to `events.torn` first. Undoes a write that fails, so that no part of it is ever read.
 */
const appendDecision = <A extends Numbered>(
  { disk, path, codec }: LogContext<A>,
  file: LogFile,
  end: LogPosition,
  events: ReadonlyArray<A>,
): E.Either<IoFailed | TooLarge, AppendedDecision> => {
  const encodedDecision = encodeDecision(codec, events, end)
  if (E.isLeft(encodedDecision)) return encodedDecision
  try {
    if (file.size() > end.offset) moveTornTail(disk, path, file.current(), end.offset, file.size())
  } catch (thrown) {
    return E.left(toIoFailed(path, 'move the torn tail of', thrown))
  }
  try {
    appendFully(file.current(), encodedDecision.right.bytes)
    file.setSize(encodedDecision.right.position.offset)
    return encodedDecision
  } catch (thrown) {
    const failure = toIoFailed(path, 'write', thrown)
    try {
      file.current().truncate(end.offset)
    } catch {
      // The part has no last line, so readers do not take it for a decision, and the next writer moves it away.
    }
    return E.left(failure)
  }
}
