import type { OpenFile } from './open-file.ts'

/**
 * Fills `buffer` with what stands at byte `offset`, and answers the part of it that the file has. The system may give less
 * than there is, before a part of the disk that it cannot read for one: what is missing then must not pass for the end.
 * Throws as the disk does.
 */
export const readWhole = (file: OpenFile, buffer: Buffer, offset: number): Buffer => {
  let filled = 0
  for (let taken = 1; filled < buffer.length && taken > 0; filled += taken)
    taken = file.read(buffer, filled, buffer.length - filled, offset + filled)
  return filled === buffer.length ? buffer : buffer.subarray(0, filled)
}
