import * as E from 'fp-ts/lib/Either.js'
import type { Address, Numbered, ReadFailure, Take } from '@claimlog/event-log'
import { chunkReader, eachLine } from './chunk.ts'
import type { EventCodec } from '../format/event-codec.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { goesOn, isChained, sealOf } from '../format/line.ts'
import { causeOfBreak, type DamageFound } from './damage-cause.ts'
import type { OpenFile } from '../disk/open-file.ts'
import { damagedAfter, parseLine } from '../format/parse-line.ts'
import { type Position, startOfLog } from '../format/position.ts'
import { foreseeHashing } from '../format/sha256.ts'

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
