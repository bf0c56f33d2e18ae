import { isUtf8 } from 'node:buffer'
import { hashOf, isChained, maxLineBytes, type Position } from '../format/line.ts'
import { copyBytes, type OpenFile } from '../disk/log-file.ts'

/** What the part of a log from its damage on can still tell. */
export type CutOffPart = {
  /** Newline-ended lines, and one for what stands after the last newline. */
  readonly lines: number
  /** No event with a higher seq was ever written there, as far as the bytes can tell; at least the next one. */
  readonly spentSeq: number
  /** The JSON of the first lines that are some. */
  readonly readable: ReadonlyArray<unknown>
}

/** A line with a seq, an event's name and a hash is not shorter. */
const shortestLineBytes = 60
/** How far a line that is chained to the one before it is believed beyond what the bytes before it have room for. */
const mostMissingLines = 10_000_000
const mostReadable = 5

/**
 * Looks through the log from `end`, after its last whole decision, up to byte `size`.
 *
 * A seq is a token that somebody may hold, so one that may have been given must not be given again. A line that is
 * chained to the one before it tells its seq, also where lines before it were taken out. Bytes that tell nothing held as
 * many lines as there is room for, unless a line after them says otherwise.
 */
export const cutOffPart = (file: OpenFile, end: Position, size: number): CutOffPart => {
  const readable: Array<unknown> = []
  let lines = 0
  let previousHash: string | undefined = end.hash
  let spentSeq = end.seq
  let untoldFrom = end.offset

  /** Takes what stands from byte `start` to `lineEnd`; undefined: it is no line. */
  const takeLine = (line: string | undefined, start: number, lineEnd: number): void => {
    const hash = line === undefined ? undefined : hashOf(line)
    const json = line === undefined ? undefined : parsed(line)
    if (json !== undefined && readable.length < mostReadable) readable.push(json)
    const seq = (json as { readonly seq?: unknown } | null | undefined)?.seq
    const isTold =
      line !== undefined && hash !== undefined && previousHash !== undefined && isChained(previousHash, line)
    previousHash = hash
    if (!isTold || typeof seq !== 'number' || !Number.isSafeInteger(seq)) return
    if (seq > end.seq + roomFor(lineEnd - end.offset) + mostMissingLines) return
    // A line from further up, copied to here, says nothing of the lines before it.
    spentSeq = seq > spentSeq ? seq : spentSeq + roomFor(start - untoldFrom)
    untoldFrom = lineEnd
  }

  eachPiece(file, end.offset, size, (piece, start, pieceEnd) => {
    lines += 1
    takeLine(piece !== undefined && isUtf8(piece) ? piece.toString() : undefined, start, pieceEnd)
  })
  return { lines, spentSeq: Math.max(end.seq + 1, spentSeq + roomFor(size - untoldFrom)), readable }
}

const roomFor = (bytes: number): number => Math.max(0, Math.ceil(bytes / shortestLineBytes))

/** Gives what stands between newlines to `take`, and its bytes with the newline; undefined: too long, or without one. */
export const eachPiece = (
  file: OpenFile,
  from: number,
  to: number,
  take: (piece: Buffer | undefined, start: number, end: number) => void,
): void => {
  let parts: Array<Buffer> = []
  let start = from
  copyBytes(file, from, to, (chunk, offset) => {
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(0x0a, at)
      const end = newline === -1 ? chunk.length : newline
      // What is too long to be a line is not kept.
      if (offset + end - start < maxLineBytes) parts.push(Buffer.from(chunk.subarray(at, end)))
      if (newline === -1) return
      take(offset + end - start < maxLineBytes ? Buffer.concat(parts) : undefined, start, offset + end + 1)
      parts = []
      start = offset + end + 1
      at = end + 1
    }
  })
  if (start < to) take(undefined, start, to)
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
