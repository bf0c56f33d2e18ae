import type { OutputConsumer } from '@claimlog/command-runner'

const lineFeed = 0x0a

/** The most of a line that is buffered. A longer one is passed on in parts, and other output may come between them. */
const bufferBytesMax = 64 * 1024

/**
 * Passes output on unchanged, in whole lines, so that lines of several commands do not mix. An unterminated last line gets
 * a newline.
 */
export const bufferLines = (write: (bytes: Uint8Array) => void | Promise<void>): OutputConsumer => {
  let chunks: Array<Buffer> = []
  let length = 0
  let isOpen = false
  const keep = (rest: Buffer): void => {
    // A copy: a slice would keep the whole chunk in memory.
    if (rest.length > 0) chunks.push(Buffer.from(rest))
    length += rest.length
  }
  const flush = (end: Buffer): void | Promise<void> => {
    const bytes = Buffer.concat([...chunks, end])
    chunks = []
    length = 0
    isOpen = bytes.at(-1) !== lineFeed
    return write(bytes)
  }
  return {
    chunk: chunk => {
      const complete = chunk.lastIndexOf(lineFeed) + 1
      if (complete === 0 && length + chunk.length <= bufferBytesMax) return keep(chunk)
      if (complete === 0) return flush(chunk)
      const written = flush(chunk.subarray(0, complete))
      keep(chunk.subarray(complete))
      return written
    },
    end: () => (length > 0 || isOpen ? flush(Buffer.of(lineFeed)) : undefined),
  }
}
