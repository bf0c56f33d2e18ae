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
  readonly append: (follower: Follower<A>, events: ReadonlyArray<A>) => E.Either<TransactFailure, void>
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

/** What a transaction does under the lock, in a file that holds what was read of it. */
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
  // 4. Answer from what that has led to.
  return E.isLeft(appended) ? appended : E.right(result(decided.right))
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

/** The place after a decision, and where each of its events stands. */
type Appended = { readonly position: Position; readonly addresses: ReadonlyArray<Address> }

/** The lines of one decision. */
type Sealed = Appended & { readonly bytes: Uint8Array }

/** For the bytes of a decision of one short line, which are written before another is made: a buffer of its own costs more than the write. */
const lineBuffer = Buffer.allocUnsafeSlow(4096)
const mostBytesPerUnit = 3

/** The bytes of a line, good until the next one is made. */
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
  // Most decisions are of one line, whose bytes are then made and counted in one go.
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
 * Appends one decision at `end`, the log's last whole one, and answers where the log ends then and its events stand. What
 * stands there unfinished is set aside first. A write that fails is taken back, so that nothing of it is ever read.
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
    return E.left(ioFailed(path, 'set aside the torn tail of', thrown))
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
      // It has no last line, so no reader takes it for a decision, and the next writer sets it aside.
    }
    return E.left(failure)
  }
}
