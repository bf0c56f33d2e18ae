/** A longer line is given in pieces, in bytes of the output. */
export const longestPiece = 8192

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Makes lines of output that comes in chunks. Never holds more than one piece and one chunk. */
export type LineSplitter = {
  /** The lines, or pieces of one, that are complete with `chunk`; they must be taken all before the next chunk is. */
  readonly take: (chunk: Buffer) => Iterable<string>
  /** What came after the last line break, or nothing. */
  readonly end: () => ReadonlyArray<string>
}

/**
 * Lines without their line break, as they would stand on a terminal: a carriage return starts a line over, so of a progress
 * bar only its last state is given. Bytes that are no UTF-8 are replaced; a character is never cut apart.
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
      // A copy, so that a few bytes do not keep all of a chunk. What follows tells what a last carriage return means.
      const mayStartOver = rest.at(-1) === carriageReturn
      open = Buffer.concat(mayStartOver ? [open, Buffer.of(carriageReturn)] : [open])
    },
    end: () => {
      const line = withoutOverwritten(open)
      return line.length === 0 ? [] : [...lastPiece(line)]
    },
  }
}

/** What is to be seen of a line on a terminal: what follows its last carriage return but those at its end. */
export const withoutOverwritten = (line: Buffer): Buffer => {
  let end = line.length
  while (line[end - 1] === carriageReturn) end -= 1
  const body = line.subarray(0, end)
  return body.subarray(body.lastIndexOf(carriageReturn) + 1)
}

/** Where to cut a line that is too long: before a character, where it has any. */
const lengthOfPiece = (line: Buffer): number => {
  for (let length = longestPiece; length > longestPiece - 4; length -= 1)
    if (!continuesCharacter(line[length])) return length
  return longestPiece
}

/** Whether a byte is in the midst of a character of UTF-8. */
export const continuesCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
