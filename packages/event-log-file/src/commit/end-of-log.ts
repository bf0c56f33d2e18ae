import * as E from 'fp-ts/lib/Either.js'
import {
  type Address,
  type Appending,
  assertNumberedFrom,
  type Follower,
  type IoFailed,
  type Numbered,
  type ReadFailure,
  type TooLarge,
  type TransactFailure,
} from '@claimlog/event-log'
import { ioFailed } from '../disk/io-failure.ts'
import { appendAll, type LogFile, type Source } from '../disk/log-file.ts'
import type { EventCodec } from '../format/event-codec.ts'
import { lostAfter, maxLineBytes, type Position, sealLine, startOfLog } from '../format/line.ts'
import { openCursor, takeFresh } from '../read/cursor.ts'
import { setAsideTornTail } from './torn-tail.ts'

/** The end of the log up to which this process has read or written, and the operations on it under the lock. */
export type EndOfLog<A> = {
  /** The position after the last whole decision that was read or written. */
  readonly position: () => Position
  /** The number of times that events of other writers were read. */
  readonly reads: () => number
  /** Continues from `position`, up to which this log is known to be sound. */
  readonly moveTo: (position: Position) => void
  /** Applies every whole decision after `fold.seq`, in a file that still has the history up to the position. */
  readonly catchUp: (follower: Follower<A>) => E.Either<ReadFailure, void>
  /**
   * Applies what was written since to the fold that caught up last, as far as it can be read. Runs without the lock, so
   * that less is left to read under it. What cannot be read is left to {@link catchUp}, which returns the failure.
   * Returns the length of the log in bytes; 0: unknown.
   */
  readonly readAhead: () => number
  /** Appends one decision, numbered on from the position, and applies it. */
  readonly append: (follower: Follower<A>, events: ReadonlyArray<A>) => E.Either<TransactFailure, void>
}

/** The end of the log in `file`, of which nothing was read yet. */
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
        // The process that holds the lock gets the same error.
      }
      cursor.moveTo(cursor.position())
      return size
    },
    append: (follower, events) => {
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

/** The steps of a transaction under the lock, in a file that still has the history that was read. */
export const decideAtEnd = <A extends Numbered, R, D extends Appending<A>, B>(
  end: EndOfLog<A>,
  fold: Follower<A>,
  decide: () => E.Either<R, D>,
  result: (decision: D) => B,
): E.Either<R | TransactFailure, B> => {
  // 1. Catch up with what others wrote.
  const caughtUp = end.catchUp(fold)
  if (E.isLeft(caughtUp)) return caughtUp
  // 2. Decide.
  const decided = decide()
  if (E.isLeft(decided)) return decided
  // 3. Append, and fold what was appended.
  const appended = end.append(fold, decided.right.events)
  // 4. Compute the result from the new state.
  return E.isLeft(appended) ? appended : E.right(result(decided.right))
}

/**
 * Fails if the log ends before `seq`: what a fold has applied must be read again before anything is written after it.
 */
const reaches = (path: string, end: Position, seq: number): E.Either<ReadFailure, void> =>
  end.seq < seq ? E.left(lostAfter(path, end, seq)) : E.right(undefined)

/** A fold that keeps only its seq. */
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

/** The position after a decision, and the offset of each of its events. */
type Appended = { readonly position: Position; readonly addresses: ReadonlyArray<Address> }

/** The lines of one decision. */
type Sealed = Appended & { readonly bytes: Uint8Array }

/**
 * A shared buffer for the bytes of a one-line decision, which are written before the next one is encoded: allocating a
 * buffer costs more than the write.
 */
const lineBuffer = Buffer.allocUnsafeSlow(4096)
const mostBytesPerUnit = 3

/** The bytes of a line, valid until the next call. */
const bytesOf = (line: string): Buffer =>
  line.length * mostBytesPerUnit <= lineBuffer.length
    ? lineBuffer.subarray(0, lineBuffer.write(line))
    : Buffer.from(line)

const seal = <A extends Numbered>(
  codec: EventCodec<A>,
  events: ReadonlyArray<A>,
  { seq, offset, hash }: Position,
): E.Either<TooLarge, Sealed> => {
  let text = ''
  let previous = hash
  let end = offset
  const addresses: Array<Address> = []
  const last = events.length - 1
  // Most decisions have one line, whose bytes are then encoded and counted in one step.
  let only: Buffer | undefined
  for (let i = 0; i <= last; i += 1) {
    const { line, hash: next } = sealLine(previous, codec.encode(events[i] as A), i < last)
    if (last === 0) only = bytesOf(line)
    const bytes = only?.length ?? Buffer.byteLength(line)
    if (bytes > maxLineBytes) return E.left({ failure: 'TooLarge', bytes, maxBytes: maxLineBytes })
    if (only === undefined) text += line
    addresses.push(end)
    end += bytes
    previous = next
  }
  const position = { seq: seq + events.length, lineOffset: addresses[last] ?? offset, offset: end, hash: previous }
  return E.right({ bytes: only ?? Buffer.from(text), addresses, position })
}

/**
 * Appends one decision at `end`, after the last whole one, and returns the new end and the offsets of its events. Moves
 * an unfinished line there to `events.torn` first. Undoes a write that fails, so that no part of it is ever read.
 */
const appendDecision = <A extends Numbered>(
  { disk, path, codec }: Source<A>,
  file: LogFile,
  end: Position,
  events: ReadonlyArray<A>,
): E.Either<IoFailed | TooLarge, Appended> => {
  const sealed = seal(codec, events, end)
  if (E.isLeft(sealed)) return sealed
  try {
    if (file.size() > end.offset) setAsideTornTail(disk, path, file.current(), end.offset, file.size())
  } catch (thrown) {
    return E.left(ioFailed(path, 'move the torn tail of', thrown))
  }
  try {
    appendAll(file.current(), sealed.right.bytes)
    file.grownTo(sealed.right.position.offset)
    return sealed
  } catch (thrown) {
    const failure = ioFailed(path, 'write', thrown)
    try {
      file.current().truncate(end.offset)
    } catch {
      // The part has no last line, so readers do not take it for a decision, and the next writer moves it away.
    }
    return E.left(failure)
  }
}
