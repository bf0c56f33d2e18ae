import { isUtf8 } from 'node:buffer'
import { readHash, isChained, lineBytesMax, type LogPosition } from '@claimlog/event-log-line'
import { forEachChunk, type OpenFile } from '../disk/log-file.ts'

/** The facts that can still be read from the part of a log after its damage. */
export type DamagedPart = {
  /** Lines that end in a newline, and one for the bytes after the last newline. */
  readonly lines: number
  /** The highest seq that may have been used there, as far as the bytes show; at least the next one. */
  readonly spentSeq: number
  /** The JSON of the first lines that are valid JSON. */
  readonly readable: ReadonlyArray<unknown>
}

/** A line with a seq, an event name and a hash is at least this long. */
const lineBytesMin = 60
/** A chained line is believed up to this many seqs beyond the lines that fit in the bytes before it. */
const missingLinesMax = 10_000_000
const readableMax = 5

/**
 * Inspects the log from `end`, after its last whole decision, up to byte `size`.
 *
 * A seq is a token that a worker may hold, so one that may have been used must not be used again. A line that is
 * chained to the one before it proves its seq, even if lines before it were removed. Unreadable bytes count as many
 * lines as fit in them, unless a later line proves otherwise.
 */
export const inspectDamagedPart = (file: OpenFile, end: LogPosition, size: number): DamagedPart => {
  const readable: Array<unknown> = []
  let lines = 0
  let previousHash: string | undefined = end.hash
  let spentSeq = end.seq
  let unknownStart = end.offset

  /** Inspects the bytes from `start` to `lineEnd`; undefined: they are not a line. */
  const inspectLine = (line: string | undefined, start: number, lineEnd: number): void => {
    const hash = line === undefined ? undefined : readHash(line)
    const json = line === undefined ? undefined : parseJson(line)
    if (json !== undefined && readable.length < readableMax) readable.push(json)
    const seq = (json as { readonly seq?: unknown } | null | undefined)?.seq
    const isProven =
      line !== undefined && hash !== undefined && previousHash !== undefined && isChained(previousHash, line)
    previousHash = hash
    if (!isProven || typeof seq !== 'number' || !Number.isSafeInteger(seq)) return
    if (seq > end.seq + lineCapacity(lineEnd - end.offset) + missingLinesMax) return
    // An earlier line that was copied to here proves nothing about the lines before it.
    spentSeq = seq > spentSeq ? seq : spentSeq + lineCapacity(start - unknownStart)
    unknownStart = lineEnd
  }

  forEachPiece(file, end.offset, size, (piece, start, pieceEnd) => {
    lines += 1
    inspectLine(piece !== undefined && isUtf8(piece) ? piece.toString() : undefined, start, pieceEnd)
  })
  return { lines, spentSeq: Math.max(end.seq + 1, spentSeq + lineCapacity(size - unknownStart)), readable }
}

const lineCapacity = (bytes: number): number => Math.max(0, Math.ceil(bytes / lineBytesMin))

/**
 * Passes the bytes between newlines to `onPiece`, with their range including the newline; undefined: too long, or
 * without one.
 */
export const forEachPiece = (
  file: OpenFile,
  from: number,
  to: number,
  onPiece: (piece: Buffer | undefined, start: number, end: number) => void,
): void => {
  let parts: Array<Buffer> = []
  let start = from
  forEachChunk(file, from, to, (chunk, offset) => {
    for (let pieceStart = 0; pieceStart < chunk.length;) {
      const newline = chunk.indexOf(0x0a, pieceStart)
      const end = newline === -1 ? chunk.length : newline
      // Bytes that are too long for a line are not kept.
      if (offset + end - start < lineBytesMax) parts.push(Buffer.from(chunk.subarray(pieceStart, end)))
      if (newline === -1) return
      onPiece(offset + end - start < lineBytesMax ? Buffer.concat(parts) : undefined, start, offset + end + 1)
      parts = []
      start = offset + end + 1
      pieceStart = end + 1
    }
  })
  if (start < to) onPiece(undefined, start, to)
}

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
