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

/** Reads a log onwards from a place, checking the seq, the chain and the shape of every line. */
export type Cursor = {
  /** After the last whole decision that was taken. */
  readonly position: () => Position
  /** Continues from `position`, where this very log is known to be sound. */
  readonly moveTo: (position: Position) => void
  /**
   * Takes what the next chunk of the file holds up to byte `size`; false: nothing whole is left before it. What then
   * lies between the position and `size` is a line or a decision that is not finished.
   */
  readonly step: (file: OpenFile, size: number) => E.Either<ReadFailure, boolean>
}

type Problem = E.Either<ReadFailure, never>

/** A cursor at the start of the log at `path`; whole decisions go to `take`, in order, each event with its byte offset. */
export const openCursor = <A extends Numbered>(path: string, codec: EventCodec<A>, take: Take<A>): Cursor => {
  const readLines = chunkReader()
  let position = startOfLog
  /** After the last sound line. Changed in place, as it moves with every line that is ever read. */
  const read = { ...startOfLog }
  /** What was read and not taken yet, and how much of it is whole decisions. */
  let events: Array<A> = []
  let offsets: Array<Address> = []
  let whole = 0

  const damaged = ({ detail, cause }: DamageFound): Problem => E.left(damagedAfter(path, read, detail, cause))

  /** Takes one line, which is `bytes` long without its newline; undefined: it is sound. */
  const takeLine = (file: OpenFile, line: string, bytes: number): Problem | undefined => {
    if (!isChained(read.hash, line)) return damaged(causeOfBreak(file, line, read))
    const plain = codec.readPlain?.(line)
    const parsed = plain?.seq === read.seq + 1 ? undefined : parseLine(path, codec, read, line)
    if (parsed !== undefined && E.isLeft(parsed)) return parsed
    const event = parsed === undefined ? (plain as A) : parsed.right.event
    const more = parsed === undefined ? goesOn(line) : parsed.right.more
    // The place before a decision of several lines has to be found again while that is not finished.
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

  /** Takes the lines of a chunk that ends in a newline; what is whole before a problem is taken all the same. */
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
        if (chunk === 'too long') return damaged({ detail: 'it is longer than a line may be' })
        return chunk === undefined ? E.right(false) : takeLines(file, chunk)
      } catch (thrown) {
        return E.left(ioFailed(path, 'read', thrown))
      }
    },
  }
}

/** Reads `file` up to byte `size` at once, without giving way to others between chunks. */
export const readToEnd = (cursor: Cursor, file: OpenFile, size: number): E.Either<ReadFailure, boolean> => {
  let step = cursor.step(file, size)
  while (E.isRight(step) && step.right) step = cursor.step(file, size)
  return step
}

/** Gives a follower those of `events` that it has not taken. */
export const takeFresh = <A extends Numbered>(
  follower: Follower<A>,
  events: ReadonlyArray<A>,
  addresses: ReadonlyArray<Address>,
): void => {
  const known = follower.seq + 1 - (events[0]?.seq ?? 0)
  if (known <= 0) follower.take(events, addresses)
  else if (known < events.length) follower.take(events.slice(known), addresses.slice(known))
}

/** Large enough to make reading cheap per byte, small enough to be handed over often. */
const chunkBytes = 256 * 1024

const newline = 0x0a

/**
 * Reads whole lines from byte `offset` on, the last newline included; undefined: no line ends before byte `size`;
 * `too long`: the first one is longer than a line may be. The bytes are good until the next call.
 */
type ReadLines = (file: OpenFile, offset: number, size: number) => Buffer | 'too long' | undefined

/** A reader with a buffer of its own, which grows with what there is to read. */
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
 * Gives the lines of a chunk that ends in a newline to `take`, without it and with their length in bytes, until `take`
 * answers false. A line that is not UTF-8 is given as undefined.
 */
const eachLine = (chunk: Buffer, take: (line: string | undefined, bytes: number) => boolean): void => {
  if (!isUtf8(chunk)) return eachLineApart(chunk, take)
  // One conversion for all lines; where they are all ASCII, characters are bytes.
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
