import { isUtf8 } from 'node:buffer'
import { maxLineBytes } from '../format/line.ts'
import type { OpenFile } from '../disk/open-file.ts'
import { readWhole } from '../disk/whole-reads.ts'

/** Large enough to make reading cheap per byte, small enough to be handed over often. */
const chunkBytes = 256 * 1024

const newline = 0x0a

/**
 * Reads whole lines from byte `offset` on, the last newline included; undefined: no line ends before byte `size`;
 * `too long`: the first one is longer than a line may be. The bytes are good until the next call.
 */
export type ReadLines = (file: OpenFile, offset: number, size: number) => Buffer | 'too long' | undefined

/** A reader with a buffer of its own, which grows with what there is to read. */
export const chunkReader = (): ReadLines => {
  let buffer = Buffer.allocUnsafe(0)

  const read = (file: OpenFile, offset: number, length: number): Buffer => {
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length)
    return readWhole(file, buffer.subarray(0, length), offset)
  }

  return (file, offset, size) => {
    if (offset >= size) return undefined
    for (const limit of [chunkBytes, maxLineBytes]) {
      const chunk = read(file, offset, Math.min(size - offset, limit))
      const end = chunk.lastIndexOf(newline)
      if (end >= 0) return chunk.subarray(0, end + 1)
      if (chunk.length < limit) return undefined
    }
    return 'too long'
  }
}

/**
 * Gives the lines of a chunk that ends in a newline to `take`, without it and with their length in bytes, until `take`
 * answers false. A line that is not UTF-8 is given as undefined.
 */
export const eachLine = (chunk: Buffer, take: (line: string | undefined, bytes: number) => boolean): void => {
  if (!isUtf8(chunk)) return eachLineApart(chunk, take)
  // One conversion for all lines; where they are all ASCII, characters are bytes.
  const text = chunk.toString()
  const ascii = text.length === chunk.length
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end)
    if (!take(line, ascii ? line.length : Buffer.byteLength(line))) return
    start = end + 1
  }
}

const eachLineApart = (chunk: Buffer, take: (line: string | undefined, bytes: number) => boolean): void => {
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(newline, start)
    const line = chunk.subarray(start, end)
    if (!take(isUtf8(line) ? line.toString() : undefined, line.length)) return
    start = end + 1
  }
}
