import { hashOf } from '../format/line.ts'
import type { OpenFile } from './open-file.ts'
import { readWhole } from './whole-reads.ts'

/** Bytes at the end of a line that hold its hash, one before it, and the newline. */
const sealBytes = 45

/** The hash that the line carries which ends at byte `offset` of the file; undefined: no line ends there. Throws as the disk does. */
export const hashBefore = (file: OpenFile, offset: number): string | undefined => {
  if (offset < sealBytes) return undefined
  const text = readWhole(file, Buffer.allocUnsafe(sealBytes), offset - sealBytes).toString('latin1')
  return text.endsWith('\n') ? hashOf(text.slice(0, -1)) : undefined
}

/** The digits of a line's hash, and what ends the line after them. */
const endOfLine = Buffer.allocUnsafe(35)
const hashDigits = 32
const newline = 0x0a

/**
 * Whether the line that ends at byte `offset` carries `hash`. As {@link hashBefore}, for every turn under the lock: reads
 * no more than it compares, into a buffer that is there already.
 */
export const endsWithHash = (file: OpenFile, offset: number, hash: string): boolean =>
  readWhole(file, endOfLine, offset - endOfLine.length).length === endOfLine.length &&
  endOfLine[endOfLine.length - 1] === newline &&
  endOfLine.toString('latin1', 0, hashDigits) === hash
