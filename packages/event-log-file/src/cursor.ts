import * as E from 'fp-ts/lib/Either.js'
import type { Address, LogDamaged, Numbered, ReadFailure, Take } from '@claimlog/event-log'
import { chunkReader, eachLine } from './chunk.ts'
import type { Disk } from './disk.ts'
import type { EventCodec } from './event-codec.ts'
import { ioFailed } from './io-failure.ts'
import { hashOf, isChained } from './line.ts'

/** A place between two decisions: at byte `offset`, after line `seq`, which starts at `lineOffset` and carries `hash`. */
export type Position = {
  readonly seq: number
  readonly lineOffset: number
  readonly offset: number
  readonly hash: string
}

export const startOfLog: Position = { seq: 0, lineOffset: 0, offset: 0, hash: '' }

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
  readonly step: (fd: number, size: number) => E.Either<ReadFailure, boolean>
}

type Problem = E.Either<ReadFailure, never>

/** A cursor at the start of the log at `path`; whole decisions go to `take`, in order, each event with its byte offset. */
export const openCursor = <A extends Numbered>(
  disk: Disk,
  path: string,
  codec: EventCodec<A>,
  take: Take<A>,
): Cursor => {
  const readLines = chunkReader(disk)
  let position = startOfLog
  /** The end of the last sound line, ahead of `position` while a decision is not finished. */
  let read = startOfLog
  let unfinished: Array<A> = []
  let offsets: Array<Address> = []

  const damaged = (detail: string): Problem => {
    const failure: LogDamaged = { failure: 'LogDamaged', path, line: read.seq + 1, offset: read.offset, detail }
    return E.left(failure)
  }

  /** Takes one line, which is `bytes` long without its newline; undefined: it is sound. */
  const takeLine = (line: string, bytes: number): Problem | undefined => {
    const seq = read.seq + 1
    const hash = hashOf(line)
    if (hash === undefined) return damaged('it does not end in a hash')
    if (!isChained(read.hash, line, hash)) return damaged(chainProblem(line, seq))
    const json = parse(line) as { readonly seq?: unknown; readonly more?: unknown } | undefined
    if (json === undefined) return damaged('it is not JSON')
    if (json.seq !== seq) return damaged(seqProblem(json.seq, seq))
    const event = codec.decode(json)
    if (E.isLeft(event)) {
      const { tag, detail } = event.left
      if (tag === 'Malformed') return damaged(detail)
      return E.left({ failure: 'UnknownFormat', path, line: seq, offset: read.offset, detail })
    }
    unfinished.push(event.right)
    offsets.push(read.offset)
    read = { seq, lineOffset: read.offset, offset: read.offset + bytes + 1, hash }
    if (json.more !== true) position = read
    return undefined
  }

  /** Takes the lines of a chunk that ends in a newline; what is whole before a problem is taken all the same. */
  const takeLines = (chunk: Buffer): E.Either<ReadFailure, boolean> => {
    let problem: Problem | undefined
    let whole = 0
    eachLine(chunk, (line, bytes) => {
      problem = line === undefined ? damaged('it is not valid UTF-8') : takeLine(line, bytes)
      if (problem === undefined && position === read) whole = unfinished.length
      return problem === undefined
    })
    if (whole > 0) {
      const [taken, at] = [unfinished.slice(0, whole), offsets.slice(0, whole)]
      unfinished = unfinished.slice(whole)
      offsets = offsets.slice(whole)
      take(taken, at)
    }
    return problem ?? E.right(true)
  }

  return {
    position: () => position,
    moveTo: next => {
      position = next
      read = next
      unfinished = []
      offsets = []
    },
    step: (fd, size) => {
      try {
        const chunk = readLines(fd, read.offset, size)
        if (chunk === 'too long') return damaged('it is longer than a line may be')
        return chunk === undefined ? E.right(false) : takeLines(chunk)
      } catch (thrown) {
        return E.left(ioFailed(path, 'read', thrown))
      }
    },
  }
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What is nested may be nested too deep to be shown. */
const seqProblem = (carried: unknown, seq: number): string =>
  typeof carried === 'object' && carried !== null
    ? 'it carries a seq that is no number'
    : `it carries seq ${String(carried)}, not ${seq}`

const chainProblem = (line: string, seq: number): string => {
  const carried = (parse(line) as { readonly seq?: unknown } | null | undefined)?.seq
  return typeof carried === 'number' && carried !== seq
    ? `it carries seq ${carried}, not ${seq}: lines were added, removed or moved`
    : 'its hash does not match: this line was changed, or the one before it'
}
