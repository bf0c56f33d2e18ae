import { isUtf8 } from 'node:buffer'
import * as E from 'fp-ts/lib/Either.js'
import type { LogOffset, Fold, Numbered, ReadFailure, OnEvents } from '@claimlog/event-log'
import { toIoFailed } from '../disk/io-failure.ts'
import { type OpenFile, readFully } from '../disk/log-file.ts'
import type { EventCodec } from '../format/event-codec.ts'
import {
  damageFailure,
  isContinued,
  isChained,
  lineBytesMax,
  parseLine,
  type LogPosition,
  sliceHash,
  startOfLog,
} from '../format/line.ts'
import { preferNativeHash } from '../format/sha256.ts'
import { findBreakCause, type DamageReport } from './damage-cause.ts'

/** Reads a log from a position, checking the seq, the chain and the shape of every line. */
export type ChainReader = {
  /** The position after the last whole decision that was passed on. */
  readonly position: () => LogPosition
  /** Continues from `position`, up to which this log is known to be sound. */
  readonly seek: (position: LogPosition) => void
  /**
   * Reads the next chunk of the file up to byte `size` and passes on its whole decisions; false: no whole line is left.
   * Bytes between the position and `size` then belong to an unfinished line or decision.
   */
  readonly readChunk: (file: OpenFile, size: number) => E.Either<ReadFailure, boolean>
}

type LineFailure = E.Either<ReadFailure, never>

/**
 * A reader at the start of the log at `path`. Passes whole decisions to `emit`, in order, each event with its offset.
 */
export const openChainReader = <A extends Numbered>(
  path: string,
  codec: EventCodec<A>,
  emit: OnEvents<A>,
): ChainReader => {
  const readLines = createLineReader()
  let position = startOfLog
  /** The position after the last sound line. Mutated, because it changes with every line that is ever read. */
  const readEnd = { ...startOfLog }
  /** The events that were read and not passed on yet, and how many of them belong to whole decisions. */
  let events: Array<A> = []
  let offsets: Array<LogOffset> = []
  let wholeCount = 0

  const toLineFailure = ({ detail, cause }: DamageReport): LineFailure =>
    E.left(damageFailure(path, readEnd, detail, cause))

  /** Checks and adds one line, which is `bytes` long without its newline; undefined: it is sound. */
  const addLine = (file: OpenFile, line: string, bytes: number): LineFailure | undefined => {
    if (!isChained(readEnd.hash, line)) return toLineFailure(findBreakCause(file, line, readEnd))
    const fastEvent = codec.readPlain?.(line)
    const parseResult = fastEvent?.seq === readEnd.seq + 1 ? undefined : parseLine(path, codec, readEnd, line)
    if (parseResult !== undefined && E.isLeft(parseResult)) return parseResult
    const event = parseResult === undefined ? (fastEvent as A) : parseResult.right.event
    const more = parseResult === undefined ? isContinued(line) : parseResult.right.more
    // While a decision of several lines is unfinished, reading must be able to restart before it.
    if (more && wholeCount === events.length) position = { ...readEnd }
    events.push(event)
    offsets.push(readEnd.offset)
    if (!more) wholeCount = events.length
    readEnd.seq += 1
    readEnd.lineOffset = readEnd.offset
    readEnd.offset += bytes + 1
    readEnd.hash = sliceHash(line)
    return undefined
  }

  const emitWhole = (): void => {
    if (wholeCount === events.length) position = { ...readEnd }
    if (wholeCount === 0) return
    const [emittedEvents, emittedOffsets] = [events, offsets]
    events = emittedEvents.splice(wholeCount)
    offsets = emittedOffsets.splice(wholeCount)
    wholeCount = 0
    emit(emittedEvents, emittedOffsets)
  }

  /** Adds the lines of a chunk that ends in a newline. Whole decisions before an error are passed on all the same. */
  const addLines = (file: OpenFile, chunk: Buffer): E.Either<ReadFailure, boolean> => {
    let lineFailure: LineFailure | undefined
    preferNativeHash(chunk.length)
    forEachLine(chunk, (line, bytes) => {
      lineFailure = line === undefined ? toLineFailure({ detail: 'it is not valid UTF-8' }) : addLine(file, line, bytes)
      return lineFailure === undefined
    })
    emitWhole()
    return lineFailure ?? E.right(true)
  }

  return {
    position: () => position,
    seek: next => {
      if (next === position && readEnd.offset === next.offset) return
      position = next
      Object.assign(readEnd, next)
      events = []
      offsets = []
      wholeCount = 0
    },
    readChunk: (file, size) => {
      try {
        const chunk = readLines(file, readEnd.offset, size)
        if (chunk === 'too long') return toLineFailure({ detail: 'it is longer than the maximum line' })
        return chunk === undefined ? E.right(false) : addLines(file, chunk)
      } catch (thrown) {
        return E.left(toIoFailed(path, 'read', thrown))
      }
    },
  }
}

/** Reads `file` up to byte `size`, without yielding to the event loop between chunks. */
export const readToEnd = (reader: ChainReader, file: OpenFile, size: number): E.Either<ReadFailure, boolean> => {
  let readResult = reader.readChunk(file, size)
  while (E.isRight(readResult) && readResult.right) readResult = reader.readChunk(file, size)
  return readResult
}

/** Applies those of `events` that the fold does not have yet. */
export const applyNew = <A extends Numbered>(
  fold: Fold<A>,
  events: ReadonlyArray<A>,
  newOffsets: ReadonlyArray<LogOffset>,
): void => {
  const knownCount = fold.seq + 1 - (events[0]?.seq ?? 0)
  if (knownCount <= 0) fold.apply(events, newOffsets)
  else if (knownCount < events.length) fold.apply(events.slice(knownCount), newOffsets.slice(knownCount))
}

/** Large enough to make reading cheap per byte, small enough to yield often. */
const chunkBytes = 256 * 1024

const newline = 0x0a

/**
 * Reads whole lines from byte `offset`, including the last newline; undefined: no line ends before byte `size`; `too
 * long`: the first line is longer than the maximum. The bytes are valid until the next call.
 */
type ReadLines = (file: OpenFile, offset: number, size: number) => Buffer | 'too long' | undefined

/** A line reader with its own buffer, which grows as required. */
const createLineReader = (): ReadLines => {
  let buffer = Buffer.allocUnsafe(0)

  const read = (file: OpenFile, offset: number, length: number): Buffer => {
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length)
    return readFully(file, buffer.subarray(0, length), offset)
  }

  return (file, offset, size) => {
    if (offset >= size) return undefined
    for (const limit of [chunkBytes, lineBytesMax]) {
      const chunk = read(file, offset, Math.min(size - offset, limit))
      const end = chunk.lastIndexOf(newline)
      if (end >= 0) return chunk.subarray(0, end + 1)
      if (chunk.length < limit) return undefined
    }
    return 'too long'
  }
}

/**
 * Passes the lines of a chunk that ends in a newline to `emit`, without the newline and with their length in bytes,
 * until `emit` returns false. A line that is not UTF-8 is passed as undefined.
 */
const forEachLine = (chunk: Buffer, emit: (line: string | undefined, bytes: number) => boolean): void => {
  if (!isUtf8(chunk)) return forEachLineChecked(chunk, emit)
  // One conversion for all lines; if they are all ASCII, characters are bytes.
  const text = chunk.toString()
  const ascii = text.length === chunk.length
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end)
    if (!emit(line, ascii ? line.length : Buffer.byteLength(line))) return
    start = end + 1
  }
}

const forEachLineChecked = (chunk: Buffer, emit: (line: string | undefined, bytes: number) => boolean): void => {
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(newline, start)
    const line = chunk.subarray(start, end)
    if (!emit(isUtf8(line) ? line.toString() : undefined, line.length)) return
    start = end + 1
  }
}
