import { isUtf8 } from 'node:buffer'
import * as E from 'fp-ts/lib/Either.js'
import type { Address, Follower, Numbered, ReadFailure, Take } from '@claimlog/event-log'
import { ioFailed } from '../disk/io-failure.ts'
import { type OpenFile, readWhole } from '../disk/log-file.ts'
import type { EventCodec } from '../format/event-codec.ts'
import {
  damagedAfter,
  goesOn,
  isChained,
  maxLineBytes,
  parseLine,
  type Position,
  sealOf,
  startOfLog,
} from '../format/line.ts'
import { foreseeHashing } from '../format/sha256.ts'
import { causeOfBreak, type DamageFound } from './damage-cause.ts'

/** Reads a log from a position, checking the seq, the chain and the shape of every line. */
export type Cursor = {
  /** The position after the last whole decision that was passed on. */
  readonly position: () => Position
  /** Continues from `position`, up to which this log is known to be sound. */
  readonly moveTo: (position: Position) => void
  /**
   * Reads the next chunk of the file up to byte `size` and passes on its whole decisions; false: no whole line is left.
   * Bytes between the position and `size` then belong to an unfinished line or decision.
   */
  readonly step: (file: OpenFile, size: number) => E.Either<ReadFailure, boolean>
}

type Problem = E.Either<ReadFailure, never>

/**
 * A reader at the start of the log at `path`. Passes whole decisions to `emit`, in order, each event with its offset.
 */
export const openCursor = <A extends Numbered>(path: string, codec: EventCodec<A>, take: Take<A>): Cursor => {
  const readLines = chunkReader()
  let position = startOfLog
  /** The position after the last sound line. Mutated, because it changes with every line that is ever read. */
  const read = { ...startOfLog }
  /** The events that were read and not passed on yet, and how many of them belong to whole decisions. */
  let events: Array<A> = []
  let offsets: Array<Address> = []
  let whole = 0

  const damaged = ({ detail, cause }: DamageFound): Problem => E.left(damagedAfter(path, read, detail, cause))

  /** Checks and adds one line, which is `bytes` long without its newline; undefined: it is sound. */
  const takeLine = (file: OpenFile, line: string, bytes: number): Problem | undefined => {
    if (!isChained(read.hash, line)) return damaged(causeOfBreak(file, line, read))
    const plain = codec.readPlain?.(line)
    const parsed = plain?.seq === read.seq + 1 ? undefined : parseLine(path, codec, read, line)
    if (parsed !== undefined && E.isLeft(parsed)) return parsed
    const event = parsed === undefined ? (plain as A) : parsed.right.event
    const more = parsed === undefined ? goesOn(line) : parsed.right.more
    // While a decision of several lines is unfinished, reading must be able to restart before it.
    if (more && whole === events.length) position = { ...read }
    events.push(event)
    offsets.push(read.offset)
    if (!more) whole = events.length
    read.seq += 1
    read.lineOffset = read.offset
    read.offset += bytes + 1
    read.hash = sealOf(line)
    return undefined
  }

  const handOver = (): void => {
    if (whole === events.length) position = { ...read }
    if (whole === 0) return
    const [taken, at] = [events, offsets]
    events = taken.splice(whole)
    offsets = at.splice(whole)
    whole = 0
    take(taken, at)
  }

  /** Adds the lines of a chunk that ends in a newline. Whole decisions before an error are passed on all the same. */
  const takeLines = (file: OpenFile, chunk: Buffer): E.Either<ReadFailure, boolean> => {
    let problem: Problem | undefined
    foreseeHashing(chunk.length)
    eachLine(chunk, (line, bytes) => {
      problem = line === undefined ? damaged({ detail: 'it is not valid UTF-8' }) : takeLine(file, line, bytes)
      return problem === undefined
    })
    handOver()
    return problem ?? E.right(true)
  }

  return {
    position: () => position,
    moveTo: next => {
      if (next === position && read.offset === next.offset) return
      position = next
      Object.assign(read, next)
      events = []
      offsets = []
      whole = 0
    },
    step: (file, size) => {
      try {
        const chunk = readLines(file, read.offset, size)
        if (chunk === 'too long') return damaged({ detail: 'it is longer than the maximum line' })
        return chunk === undefined ? E.right(false) : takeLines(file, chunk)
      } catch (thrown) {
        return E.left(ioFailed(path, 'read', thrown))
      }
    },
  }
}

/** Reads `file` up to byte `size`, without yielding to the event loop between chunks. */
export const readToEnd = (cursor: Cursor, file: OpenFile, size: number): E.Either<ReadFailure, boolean> => {
  let step = cursor.step(file, size)
  while (E.isRight(step) && step.right) step = cursor.step(file, size)
  return step
}

/** Applies those of `events` that the fold does not have yet. */
export const takeFresh = <A extends Numbered>(
  follower: Follower<A>,
  events: ReadonlyArray<A>,
  addresses: ReadonlyArray<Address>,
): void => {
  const known = follower.seq + 1 - (events[0]?.seq ?? 0)
  if (known <= 0) follower.take(events, addresses)
  else if (known < events.length) follower.take(events.slice(known), addresses.slice(known))
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
const chunkReader = (): ReadLines => {
  let buffer = Buffer.allocUnsafe(0)

  const read = (file: OpenFile, offset: number, length: number): Buffer => {
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length)
    return readWhole(file, buffer.subarray(0, length), offset)
  }

  return (file, offset, size) => {
    if (offset >= size) return undefined
    for (const limit of [chunkBytes, maxLineBytes]) {
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
const eachLine = (chunk: Buffer, take: (line: string | undefined, bytes: number) => boolean): void => {
  if (!isUtf8(chunk)) return eachLineApart(chunk, take)
  // One conversion for all lines; if they are all ASCII, characters are bytes.
  const text = chunk.toString()
  const ascii = text.length === chunk.length
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end)
    if (!take(line, ascii ? line.length : Buffer.byteLength(line))) return
    start = end + 1
  }
}

const eachLineApart = (chunk: Buffer, take: (line: string | undefined, bytes: number) => boolean): void => {
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(newline, start)
    const line = chunk.subarray(start, end)
    if (!take(isUtf8(line) ? line.toString() : undefined, line.length)) return
    start = end + 1
  }
}
