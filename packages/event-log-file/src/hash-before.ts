import type { Disk } from './disk.ts'
import { hashOf } from './line.ts'
import { readWhole } from './whole-reads.ts'

/** Bytes at the end of a line that hold its hash, one before it, and the newline. */
const sealBytes = 45

/** The hash that the line carries which ends at byte `offset` of the file; undefined: no line ends there. Throws as the disk does. */
export const hashBefore = (disk: Disk, fd: number, offset: number): string | undefined => {
  if (offset < sealBytes) return undefined
  const text = readWhole(disk, fd, Buffer.allocUnsafe(sealBytes), offset - sealBytes).toString('latin1')
  return text.endsWith('\n') ? hashOf(text.slice(0, -1)) : undefined
}
