/** The maximum size of a piece, in bytes. A longer line is split into pieces. */
export const pieceBytesMax = 8192

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Splits chunked output into lines. Buffers at most one piece and one chunk. */
export type LineSplitter = {
  /** Returns the lines or pieces that `chunk` completes; all must be consumed before the next chunk. */
  readonly split: (chunk: Buffer) => Iterable<string>
  /** Returns the text after the last line break, if any. */
  readonly end: () => ReadonlyArray<string>
}

/**
 * Creates a splitter. Lines have no line break and look as on a terminal: a carriage return restarts the line, so only
 * the last state of a progress bar is returned. Invalid UTF-8 is replaced; a character is never split.
 */
export const lineSplitter = (): LineSplitter => {
  let pending: Buffer = Buffer.alloc(0)
  let isCut = false
  function* splitPieces(line: Buffer): Iterable<string> {
    let rest = line
    while (rest.length > pieceBytesMax) {
      const length = pieceLength(rest)
      yield rest.toString('utf8', 0, length)
      rest = rest.subarray(length)
      isCut = true
    }
    pending = rest
  }
  function* lastPiece(line: Buffer): Iterable<string> {
    yield* splitPieces(line)
    if (pending.length > 0 || !isCut) yield pending.toString()
    isCut = false
  }
  return {
    *split(chunk) {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      let offset = 0
      for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, offset)) {
        yield* lastPiece(visiblePart(bytes.subarray(offset, end)))
        offset = end + 1
      }
      const rest = bytes.subarray(offset)
      yield* splitPieces(visiblePart(rest))
      // A copy, so that a few bytes do not keep the whole chunk in memory. A last carriage return is kept, as the next
      // chunk decides if it restarts the line.
      const mayRestartLine = rest.at(-1) === carriageReturn
      pending = Buffer.concat(mayRestartLine ? [pending, Buffer.of(carriageReturn)] : [pending])
    },
    end: () => {
      const line = visiblePart(pending)
      return line.length === 0 ? [] : [...lastPiece(line)]
    },
  }
}

/** The part of a line that is visible on a terminal: after its last carriage return, except trailing ones. */
export const visiblePart = (line: Buffer): Buffer => {
  let end = line.length
  while (line[end - 1] === carriageReturn) end -= 1
  const body = line.subarray(0, end)
  return body.subarray(body.lastIndexOf(carriageReturn) + 1)
}

/** The length of the next piece: the maximum, or less in order not to split a character. */
const pieceLength = (line: Buffer): number => {
  for (let length = pieceBytesMax; length > pieceBytesMax - 4; length -= 1)
    if (!continuesCharacter(line[length])) return length
  return pieceBytesMax
}

/** True if a byte continues a UTF-8 character. */
export const continuesCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
