import { continuesCharacter, visiblePart } from './output-lines.ts'

/** The size of the reported tail, in bytes. */
const tailBytesMax = 2048

/** The size of the buffer: larger, as many states of a progress bar become one line. */
const bufferBytesMax = 64 * 1024

/** Keeps the tail of an output of any length. */
export type OutputTail = {
  readonly append: (chunk: Buffer) => void
  /** The last 2 KiB as text, from the beginning of a line if possible; `''` if nothing was printed. */
  readonly text: () => string
}

export const outputTail = (): OutputTail => {
  let chunks: Array<Buffer> = []
  let length = 0
  const trimBuffer = (): Buffer => {
    const buffer = Buffer.concat(chunks).subarray(-bufferBytesMax)
    // A copy: a subarray would keep the whole buffer in memory.
    chunks = [Buffer.from(buffer)]
    length = buffer.length
    return buffer
  }
  return {
    append: chunk => {
      chunks.push(chunk)
      length += chunk.length
      if (length > 4 * bufferBytesMax || chunks.length > 1024) trimBuffer()
    },
    text: () => tailText(visibleLines(trimBuffer())),
  }
}

const visibleLines = (bytes: Buffer): Buffer => {
  const lines: Array<Buffer> = []
  for (let offset = 0; offset <= bytes.length;) {
    const breakOffset = bytes.indexOf('\n', offset)
    const end = breakOffset === -1 ? bytes.length : breakOffset
    lines.push(visiblePart(bytes.subarray(offset, end)), Buffer.from('\n'))
    offset = end + 1
  }
  return Buffer.concat(lines)
}

const tailText = (bytes: Buffer): string => {
  let length = bytes.length
  while (length > 0 && [0x0a, 0x20, 0x09].includes(bytes[length - 1] ?? 0)) length -= 1
  const visible = bytes.subarray(0, length)
  if (length <= tailBytesMax) return visible.toString()
  const tail = visible.subarray(-tailBytesMax)
  const isLineStart = visible[length - tailBytesMax - 1] === 0x0a
  if (isLineStart) return tail.toString()
  const firstBreak = tail.indexOf('\n')
  if (firstBreak !== -1) return tail.subarray(firstBreak + 1).toString()
  let start = 0
  while (start < 4 && continuesCharacter(tail[start])) start += 1
  return tail.subarray(start).toString()
}
