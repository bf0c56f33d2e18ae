import type { OutputTaker } from '@claimlog/command-runner'

const lineFeed = 0x0a

/** More of a line is not kept: a longer one is handed on in parts, between which others may come. */
const longestKept = 64 * 1024

/**
 * Hands output on as it is, in whole lines, so that those of several commands do not run into one another. A last line
 * that is not ended is.
 */
export const wholeLines = (write: (bytes: Uint8Array) => void | Promise<void>): OutputTaker => {
  let kept: Array<Buffer> = []
  let length = 0
  let isOpen = false
  const keep = (rest: Buffer): void => {
    // A copy: a part of a chunk would keep all of it.
    if (rest.length > 0) kept.push(Buffer.from(rest))
    length += rest.length
  }
  const flush = (end: Buffer): void | Promise<void> => {
    const bytes = Buffer.concat([...kept, end])
    kept = []
    length = 0
    isOpen = bytes.at(-1) !== lineFeed
    return write(bytes)
  }
  return {
    chunk: chunk => {
      const complete = chunk.lastIndexOf(lineFeed) + 1
      if (complete === 0 && length + chunk.length <= longestKept) return keep(chunk)
      if (complete === 0) return flush(chunk)
      const written = flush(chunk.subarray(0, complete))
      keep(chunk.subarray(complete))
      return written
    },
    end: () => (length > 0 || isOpen ? flush(Buffer.of(lineFeed)) : undefined),
  }
}
