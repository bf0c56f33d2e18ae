import { isUtf8 } from 'node:buffer'
import * as E from 'fp-ts/lib/Either.js'
import type { Numbered, ReadFailure, OnEvents } from '@claimlog/event-log'
import { toIoFailed } from '../disk/io-failure.ts'
import { type OpenFile, readFully } from '../disk/log-file.ts'
import {
  type EventCodec,
  type LineFailure,
  lineBytesMax,
  type LogPosition,
  openDecisionReader,
  preferNativeHash,
} from '@claimlog/event-log-line'
import { findBreakCause } from './damage-cause.ts'

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

/**
 * A reader at the start of the log at `path`. Passes whole decisions to `emit`, in order, each event with its offset.
 */
export const openChainReader = <A extends Numbered>(
  path: string,
  codec: EventCodec<A>,
  emit: OnEvents<A>,
): ChainReader => {
  const readLines = createLineReader()
  let currentFile: OpenFile
  const decisions = openDecisionReader(path, codec, emit, (line, position) =>
    findBreakCause(currentFile, line, position),
  )
  const { addLine, toFailure } = decisions

  /** Adds the lines of a chunk that ends in a newline. Whole decisions before an error are passed on all the same. */
  const addLines = (chunk: Buffer): E.Either<ReadFailure, boolean> => {
    let lineFailure: LineFailure | undefined
    preferNativeHash(chunk.length)
    forEachLine(chunk, (line, bytes) => {
      lineFailure = line === undefined ? toFailure({ detail: 'it is not valid UTF-8' }) : addLine(line, bytes + 1)
      return lineFailure === undefined
    })
    decisions.emitWhole()
    return lineFailure ?? E.right(true)
  }

  return {
    position: decisions.position,
    seek: decisions.seek,
    readChunk: (file, size) => {
      currentFile = file
      try {
        const chunk = readLines(file, decisions.readEnd().offset, size)
        if (chunk === 'too long') return toFailure({ detail: 'it is longer than the maximum line' })
        return chunk === undefined ? E.right(false) : addLines(chunk)
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
