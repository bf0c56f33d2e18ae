import { readSync, writeSync } from 'node:fs'

/** Gives a text part by part: one of a hundred megabytes need not be held at once. */
export type GiveParts = (take: (part: string) => void) => void

/** Parts are gathered to so many characters before anything is done with them. */
const gatheredLength = 1 << 18

/** Has `take` called with a text's bytes, some hundred thousand at a time. */
const inBytes = (give: GiveParts, take: (bytes: Buffer) => void): void => {
  let gathered = ''
  give(part => {
    gathered += part
    if (gathered.length < gatheredLength) return
    take(Buffer.from(gathered))
    gathered = ''
  })
  if (gathered !== '') take(Buffer.from(gathered))
}

/** Writes a text to an open file, from where that stands. */
export const writeText = (fd: number, give: GiveParts): void =>
  inBytes(give, bytes => {
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
  })

/** Whether an open file holds a text, and nothing else. */
export const holdsText = (fd: number, give: GiveParts): boolean => {
  let same = true
  let offset = 0
  const found = Buffer.allocUnsafe(4 * gatheredLength)
  inBytes(give, bytes => {
    for (let at = 0; same && at < bytes.length;) {
      const length = readSync(fd, found, 0, Math.min(found.length, bytes.length - at), offset)
      same = length > 0 && bytes.compare(found, 0, length, at, at + length) === 0
      at += length
      offset += length
    }
  })
  return same && readSync(fd, found, 0, 1, offset) === 0
}
