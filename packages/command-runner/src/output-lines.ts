/** The maximum size of a piece, in bytes. A longer line is split into pieces. */
export const longestPiece = 8192

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Splits chunked output into lines. Buffers at most one piece and one chunk. */
export type LineSplitter = {
  /** Returns the lines or pieces that `chunk` completes; all must be consumed before the next chunk. */
  readonly take: (chunk: Buffer) => Iterable<string>
  /** Returns the text after the last line break, if any. */
  readonly end: () => ReadonlyArray<string>
}

/**
 * Creates a splitter. Lines have no line break and look as on a terminal: a carriage return restarts the line, so only
 * the last state of a progress bar is returned. Invalid UTF-8 is replaced; a character is never split.
 */
export const lineSplitter = (): LineSplitter => {
  let open: Buffer = Buffer.alloc(0)
  let isCut = false
  function* pieces(line: Buffer): Iterable<string> {
    let rest = line
    while (rest.length > longestPiece) {
      const length = lengthOfPiece(rest)
      yield rest.toString('utf8', 0, length)
      rest = rest.subarray(length)
      isCut = true
    }
    open = rest
  }
  function* lastPiece(line: Buffer): Iterable<string> {
    yield* pieces(line)
    if (open.length > 0 || !isCut) yield open.toString()
    isCut = false
  }
  return {
    *take(chunk) {
      const bytes = open.length === 0 ? chunk : Buffer.concat([open, chunk])
      let at = 0
      for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, at)) {
        yield* lastPiece(withoutOverwritten(bytes.subarray(at, end)))
        at = end + 1
      }
      const rest = bytes.subarray(at)
      yield* pieces(withoutOverwritten(rest))
      // A copy, so that a few bytes do not keep the whole chunk in memory. A last carriage return is kept, as the next
      // chunk decides if it restarts the line.
      const mayStartOver = rest.at(-1) === carriageReturn
      open = Buffer.concat(mayStartOver ? [open, Buffer.of(carriageReturn)] : [open])
    },
    end: () => {
      const line = withoutOverwritten(open)
      return line.length === 0 ? [] : [...lastPiece(line)]
    },
  }
}

/** The part of a line that is visible on a terminal: after its last carriage return, except trailing ones. */
export const withoutOverwritten = (line: Buffer): Buffer => {
  let end = line.length
  while (line[end - 1] === carriageReturn) end -= 1
  const body = line.subarray(0, end)
  return body.subarray(body.lastIndexOf(carriageReturn) + 1)
}

/** The length of the next piece: the maximum, or less in order not to split a character. */
const lengthOfPiece = (line: Buffer): number => {
  for (let length = longestPiece; length > longestPiece - 4; length -= 1)
    if (!continuesCharacter(line[length])) return length
  return longestPiece
}

/** True if a byte continues a UTF-8 character. */
export const continuesCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
