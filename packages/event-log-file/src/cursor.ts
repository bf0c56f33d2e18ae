import { isUtf8 } from 'node:buffer'
import * as E from 'fp-ts/lib/Either.js'
import type { LogDamaged, Numbered, ReadFailure, UnknownFormat } from '@claimlog/event-log'
import type { Disk } from './disk.ts'
import type { EventCodec } from './event-codec.ts'
import { ioFailed } from './io-failure.ts'
import { hashOf, isChained, maxLineBytes } from './line.ts'

/** A place between two decisions: after line `seq`, at byte `offset`, chained to `hash`. */
export type Position = { readonly seq: number; readonly offset: number; readonly hash: string }

export const startOfLog: Position = { seq: 0, offset: 0, hash: '' }

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

/** Large enough to make reading cheap per byte, small enough to be handed over often. */
const chunkBytes = 256 * 1024

const newline = 0x0a

/** A cursor at the start of the log at `path`; whole decisions go to `take`, in order. */
export const openCursor = <A extends Numbered>(
  disk: Disk,
  path: string,
  codec: EventCodec<A>,
  take: (events: ReadonlyArray<A>) => void,
): Cursor => {
  let position = startOfLog
  /** The end of the last sound line, ahead of `position` while a decision is not finished. */
  let read = startOfLog
  let unfinished: Array<A> = []
  let buffer = Buffer.allocUnsafe(0)

  const damaged = (line: number, offset: number, detail: string): E.Either<LogDamaged, never> =>
    E.left({ failure: 'LogDamaged', path, line, offset, detail })

  const fill = (fd: number, size: number): Buffer => {
    const wanted = Math.min(size - read.offset, chunkBytes)
    if (buffer.length < wanted) buffer = Buffer.allocUnsafe(wanted)
    return buffer.subarray(0, disk.read(fd, buffer, 0, wanted, read.offset))
  }

  /** A line longer than a chunk, which is read again as a whole; undefined: it has no end yet. */
  const fillLongLine = (fd: number, size: number): Buffer => {
    const whole = Buffer.allocUnsafe(Math.min(size - read.offset, maxLineBytes))
    return whole.subarray(0, disk.read(fd, whole, 0, whole.length, read.offset))
  }

  const takeLines = (chunk: Buffer): E.Either<ReadFailure, boolean> => {
    // One check and one conversion for the chunk; only a chunk with broken text is gone through line by line.
    const sound = isUtf8(chunk)
    const text = chunk.toString(sound ? 'utf8' : 'latin1')
    const ascii = text.length === chunk.length
    let taken: Array<A> = []
    let problem: E.Either<ReadFailure, never> | undefined
    for (let start = 0; start < text.length && problem === undefined;) {
      const end = text.indexOf('\n', start)
      const line = text.slice(start, end)
      start = end + 1
      if (!sound && !isUtf8(Buffer.from(line, 'latin1')))
        problem = damaged(read.seq + 1, read.offset, 'it is not valid UTF-8')
      else problem = takeLine(sound ? line : Buffer.from(line, 'latin1').toString(), ascii)
      if (problem === undefined && position === read) {
        if (taken.length === 0) taken = unfinished
        else taken.push(...unfinished)
        unfinished = []
      }
    }
    if (taken.length > 0) take(taken)
    return problem ?? E.right(true)
  }

  const takeLine = (line: string, ascii: boolean): E.Either<ReadFailure, never> | undefined => {
    const seq = read.seq + 1
    const hash = hashOf(line)
    if (hash === undefined) return damaged(seq, read.offset, 'it does not end in a hash')
    if (!isChained(read.hash, line, hash)) return damaged(seq, read.offset, chainProblem(line, seq))
    const json = parse(line) as { readonly seq?: unknown; readonly more?: unknown } | undefined
    if (json === undefined) return damaged(seq, read.offset, 'it is not JSON')
    if (json.seq !== seq) return damaged(seq, read.offset, `it carries seq ${String(json.seq)}, not ${seq}`)
    const event = codec.decode(json)
    if (E.isLeft(event)) return undecoded(event.left.tag, seq, event.left.detail)
    unfinished.push(event.right)
    const bytes = ascii ? line.length : Buffer.byteLength(line)
    read = { seq, offset: read.offset + bytes + 1, hash }
    if (json.more !== true) position = read
    return undefined
  }

  const undecoded = (
    tag: 'Unknown' | 'Malformed',
    line: number,
    detail: string,
  ): E.Either<LogDamaged | UnknownFormat, never> =>
    tag === 'Malformed'
      ? damaged(line, read.offset, detail)
      : E.left({ failure: 'UnknownFormat', path, line, offset: read.offset, detail })

  return {
    position: () => position,
    moveTo: next => {
      position = next
      read = next
      unfinished = []
    },
    step: (fd, size) => {
      if (read.offset >= size) return E.right(false)
      try {
        const chunk = fill(fd, size)
        let end = chunk.lastIndexOf(newline)
        if (end >= 0) return takeLines(chunk.subarray(0, end + 1))
        if (chunk.length < chunkBytes) return E.right(false)
        const line = fillLongLine(fd, size)
        end = line.lastIndexOf(newline)
        if (end >= 0) return takeLines(line.subarray(0, end + 1))
        if (line.length < maxLineBytes) return E.right(false)
        return damaged(read.seq + 1, read.offset, `it is longer than ${maxLineBytes} bytes`)
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

const chainProblem = (line: string, seq: number): string => {
  const carried = (parse(line) as { readonly seq?: unknown } | null | undefined)?.seq
  return typeof carried === 'number' && carried !== seq
    ? `it carries seq ${carried}, not ${seq}: lines were added, removed or moved`
    : 'its hash does not match: this line was changed, or the one before it'
}
