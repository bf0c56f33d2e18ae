import { continuesCharacter, withoutOverwritten } from './output-lines.ts'

/** The size of the reported tail, in bytes. */
const toldLength = 2048

/** The size of the kept tail: larger, as many states of a progress bar become one line. */
const keptLength = 64 * 1024

/** Keeps the tail of an output of any length. */
export type OutputEnd = {
  readonly take: (chunk: Buffer) => void
  /** The last 2 KiB as text, from the beginning of a line if possible; `''` if nothing was printed. */
  readonly text: () => string
}

export const outputEnd = (): OutputEnd => {
  let chunks: Array<Buffer> = []
  let length = 0
  const keep = (): Buffer => {
    const kept = Buffer.concat(chunks).subarray(-keptLength)
    // A copy: a subarray would keep the whole buffer in memory.
    chunks = [Buffer.from(kept)]
    length = kept.length
    return kept
  }
  return {
    take: chunk => {
      chunks.push(chunk)
      length += chunk.length
      if (length > 4 * keptLength || chunks.length > 1024) keep()
    },
    text: () => endOf(shownLines(keep())),
  }
}

const shownLines = (bytes: Buffer): Buffer => {
  const lines: Array<Buffer> = []
  for (let at = 0; at <= bytes.length;) {
    const found = bytes.indexOf('\n', at)
    const end = found === -1 ? bytes.length : found
    lines.push(withoutOverwritten(bytes.subarray(at, end)), Buffer.from('\n'))
    at = end + 1
  }
  return Buffer.concat(lines)
}

const endOf = (bytes: Buffer): string => {
  let length = bytes.length
  while (length > 0 && [0x0a, 0x20, 0x09].includes(bytes[length - 1] ?? 0)) length -= 1
  const shown = bytes.subarray(0, length)
  if (length <= toldLength) return shown.toString()
  const end = shown.subarray(-toldLength)
  const startsALine = shown[length - toldLength - 1] === 0x0a
  if (startsALine) return end.toString()
  const firstBreak = end.indexOf('\n')
  if (firstBreak !== -1) return end.subarray(firstBreak + 1).toString()
  let start = 0
  while (start < 4 && continuesCharacter(end[start])) start += 1
  return end.subarray(start).toString()
}
