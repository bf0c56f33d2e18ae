import { isUtf8 } from 'node:buffer'
import { hashOf, isChained, maxLineBytes, type Position } from '../format/line.ts'
import { copyBytes, type OpenFile } from '../disk/log-file.ts'

/** The facts that can still be read from the part of a log after its damage. */
export type CutOffPart = {
  /** Lines that end in a newline, and one for the bytes after the last newline. */
  readonly lines: number
  /** The highest seq that may have been used there, as far as the bytes show; at least the next one. */
  readonly spentSeq: number
  /** The JSON of the first lines that are valid JSON. */
  readonly readable: ReadonlyArray<unknown>
}

/** A line with a seq, an event name and a hash is at least this long. */
const shortestLineBytes = 60
/** A chained line is believed up to this many seqs beyond the lines that fit in the bytes before it. */
const mostMissingLines = 10_000_000
const mostReadable = 5

/**
 * Inspects the log from `end`, after its last whole decision, up to byte `size`.
 *
 * A seq is a token that a worker may hold, so one that may have been used must not be used again. A line that is
 * chained to the one before it proves its seq, even if lines before it were removed. Unreadable bytes count as many
 * lines as fit in them, unless a later line proves otherwise.
 */
export const cutOffPart = (file: OpenFile, end: Position, size: number): CutOffPart => {
  const readable: Array<unknown> = []
  let lines = 0
  let previousHash: string | undefined = end.hash
  let spentSeq = end.seq
  let untoldFrom = end.offset

  /** Inspects the bytes from `start` to `lineEnd`; undefined: they are not a line. */
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
    // An earlier line that was copied to here proves nothing about the lines before it.
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

/**
 * Passes the bytes between newlines to `onPiece`, with their range including the newline; undefined: too long, or
 * without one.
 */
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
      // Bytes that are too long for a line are not kept.
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
