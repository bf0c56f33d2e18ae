import { constants, readSync, writeSync } from 'node:fs'
import { withDescriptor } from '@claimlog/event-log-file'

/** Passes a text to `consume` part by part: a text of a hundred megabytes need not be in memory at once. */
export type GiveParts = (take: (part: string) => void) => void

/** Parts are buffered up to this number of characters. */
const gatheredLength = 1 << 18

/** Stops the generation of a text that is no longer needed. */
class Enough extends Error {}

/**
 * Calls `consume` with a text's bytes, some hundred thousand at a time, until it returns false; false if it ever did.
 */
const inBytes = (give: GiveParts, take: (bytes: Buffer) => boolean): boolean => {
  let gathered = ''
  const flush = (): void => {
    if (gathered !== '' && !take(Buffer.from(gathered))) throw new Enough()
    gathered = ''
  }
  try {
    give(part => {
      gathered += part
      if (gathered.length >= gatheredLength) flush()
    })
    flush()
    return true
  } catch (thrown) {
    if (thrown instanceof Enough) return false
    throw thrown
  }
}

/**
 * Writes a text to an open file at its current position; false: it is larger than `maxBytes`, and the rest is missing.
 */
export const writeText = (fd: number, give: GiveParts, maxBytes = Infinity): boolean => {
  let left = maxBytes
  return inBytes(give, bytes => {
    left -= bytes.length
    if (left < 0) return false
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
    return true
  })
}

/** True if an open file contains exactly this text. */
export const holdsText = (fd: number, give: GiveParts): boolean => findDifference(fd, give) === undefined

/** The first difference between an open file and a text: the line number, and the start of the line on either side. */
export type TextDifference = {
  readonly line: number
  readonly found: string | undefined
  readonly expected: string | undefined
}

/** The part of a line that is shown. */
const shownBytes = 256
const lineFeed = 0x0a

/** Compares an open file with a text; undefined: they are equal. Neither is read into memory as a whole. */
export const findDifference = (fd: number, give: GiveParts): TextDifference | undefined => {
  const found = Buffer.allocUnsafe(4 * gatheredLength)
  let [offset, line, lineStart] = [0, 1, 0]
  /** The start of the expected line as far as it is known. */
  let expected: Buffer = Buffer.alloc(0)
  let isDifferent = false
  inBytes(give, bytes => {
    const same = isDifferent ? 0 : sameBytes(fd, found, bytes, offset)
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0 && end < same; end = bytes.indexOf(lineFeed, start)) {
      line += 1
      start = end + 1
      lineStart = offset + start
      expected = Buffer.alloc(0)
    }
    isDifferent ||= same < bytes.length
    const lineEnd = bytes.indexOf(lineFeed, start)
    const rest = bytes.subarray(start, Math.min(lineEnd < 0 ? bytes.length : lineEnd, start + shownBytes))
    expected = Buffer.concat([expected, rest]).subarray(0, shownBytes)
    offset += bytes.length
    return !isDifferent || (lineEnd < 0 && expected.length < shownBytes)
  })
  if (!isDifferent && readSync(fd, found, 0, 1, offset) === 0) return undefined
  const inFile = lineAt(fd, lineStart)
  const inText = expected.toString()
  // Then the text ends with this line, and the file continues.
  if (inFile === inText) return { line: line + 1, found: lineAt(fd, offset + 1) ?? '', expected: undefined }
  return { line, found: inFile, expected: inText }
}

/** {@link findDifference} of the file at `path`. */
export const differenceOfFile = (path: string, give: GiveParts): TextDifference | undefined =>
  withDescriptor(path, constants.O_RDONLY | constants.O_NONBLOCK, fd => findDifference(fd, give))

/**
 * Counts the bytes that the file has at `offset`. If it ends before a line break, that counts: the next line is
 * missing.
 */
const sameBytes = (fd: number, found: Buffer, bytes: Buffer, offset: number): number => {
  for (let at = 0; at < bytes.length;) {
    const length = readSync(fd, found, 0, Math.min(found.length, bytes.length - at), offset + at)
    if (length === 0) return bytes[at] === lineFeed && at + 1 < bytes.length ? at + 1 : at
    if (bytes.compare(found, 0, length, at, at + length) !== 0)
      for (let i = 0; i < length; i += 1) if (found[i] !== bytes[at + i]) return at + i
    at += length
  }
  return bytes.length
}

/** The start of the line of a file at `offset`; undefined: the file ends there. */
const lineAt = (fd: number, offset: number): string | undefined => {
  const bytes = Buffer.allocUnsafe(shownBytes)
  const length = readSync(fd, bytes, 0, shownBytes, offset)
  if (length === 0) return undefined
  const end = bytes.subarray(0, length).indexOf(lineFeed)
  return bytes.toString('utf8', 0, end < 0 ? length : end)
}
