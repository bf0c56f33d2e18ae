import { constants, readSync, writeSync } from 'node:fs'
import { withDescriptor } from '@claimlog/event-log-file'

/** Passes a text to `consume` part by part: a text of a hundred megabytes need not be in memory at once. */
export type TextSource = (consume: (part: string) => void) => void

/** Parts are buffered up to this number of characters. */
const bufferedLengthMax = 1 << 18

/** Stops the generation of a text that is no longer needed. */
class StopGeneration extends Error {}

/**
 * Calls `consume` with a text's bytes, some hundred thousand at a time, until it returns false; false if it ever did.
 */
const forEachChunk = (generate: TextSource, consume: (bytes: Buffer) => boolean): boolean => {
  let buffered = ''
  const flush = (): void => {
    if (buffered !== '' && !consume(Buffer.from(buffered))) throw new StopGeneration()
    buffered = ''
  }
  try {
    generate(part => {
      buffered += part
      if (buffered.length >= bufferedLengthMax) flush()
    })
    flush()
    return true
  } catch (thrown) {
    if (thrown instanceof StopGeneration) return false
    throw thrown
  }
}

/**
 * Writes a text to an open file at its current position; false: it is larger than `bytesMax`, and the rest is missing.
 */
export const writeText = (fd: number, generate: TextSource, bytesMax = Infinity): boolean => {
  let remainingBytes = bytesMax
  return forEachChunk(generate, bytes => {
    remainingBytes -= bytes.length
    if (remainingBytes < 0) return false
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
    return true
  })
}

const { O_NONBLOCK, O_RDONLY } = constants

/** True if an open file contains exactly this text. */
export const hasText = (fd: number, generate: TextSource): boolean => findDifference(fd, generate) === undefined

/** The first difference between an open file and a text: the line number, and the start of the line on either side. */
export type TextDifference = {
  readonly line: number
  readonly found: string | undefined
  readonly expected: string | undefined
}

/** The part of a line that is shown. */
const shownBytesMax = 256
const lineFeed = 0x0a

/** Compares an open file with a text; undefined: they are equal. Neither is read into memory as a whole. */
export const findDifference = (fd: number, generate: TextSource): TextDifference | undefined => {
  const fileBytes = Buffer.allocUnsafe(4 * bufferedLengthMax)
  let [offset, line, lineStart] = [0, 1, 0]
  /** The start of the expected line as far as it is known. */
  let expected: Buffer = Buffer.alloc(0)
  let isDifferent = false
  forEachChunk(generate, bytes => {
    const sameLength = isDifferent ? 0 : countSameBytes(fd, fileBytes, bytes, offset)
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0 && end < sameLength; end = bytes.indexOf(lineFeed, start)) {
      line += 1
      start = end + 1
      lineStart = offset + start
      expected = Buffer.alloc(0)
    }
    isDifferent ||= sameLength < bytes.length
    const lineEnd = bytes.indexOf(lineFeed, start)
    const rest = bytes.subarray(start, Math.min(lineEnd < 0 ? bytes.length : lineEnd, start + shownBytesMax))
    expected = Buffer.concat([expected, rest]).subarray(0, shownBytesMax)
    offset += bytes.length
    return !isDifferent || (lineEnd < 0 && expected.length < shownBytesMax)
  })
  if (!isDifferent && readSync(fd, fileBytes, 0, 1, offset) === 0) return undefined
  const inFile = readLine(fd, lineStart)
  const inText = expected.toString()
  // Then the text ends with this line, and the file continues.
  if (inFile === inText) return { line: line + 1, found: readLine(fd, offset + 1) ?? '', expected: undefined }
  return { line, found: inFile, expected: inText }
}

/** {@link findDifference} of the file at `path`. */
export const findFileDifference = (path: string, generate: TextSource): TextDifference | undefined =>
  withDescriptor(path, O_RDONLY | O_NONBLOCK, fd => findDifference(fd, generate))

/**
 * Counts the first bytes of `bytes` that the file has at `offset`, too. If the file ends before a line break, that counts:
 * the next line is missing.
 */
const countSameBytes = (fd: number, fileBytes: Buffer, bytes: Buffer, offset: number): number => {
  for (let start = 0; start < bytes.length;) {
    const length = readSync(fd, fileBytes, 0, Math.min(fileBytes.length, bytes.length - start), offset + start)
    if (length === 0) return bytes[start] === lineFeed && start + 1 < bytes.length ? start + 1 : start
    if (bytes.compare(fileBytes, 0, length, start, start + length) !== 0)
      for (let i = 0; i < length; i += 1) if (fileBytes[i] !== bytes[start + i]) return start + i
    start += length
  }
  return bytes.length
}

/** The start of the line of a file at `offset`; undefined: the file ends there. */
const readLine = (fd: number, offset: number): string | undefined => {
  const bytes = Buffer.allocUnsafe(shownBytesMax)
  const length = readSync(fd, bytes, 0, shownBytesMax, offset)
  if (length === 0) return undefined
  const end = bytes.subarray(0, length).indexOf(lineFeed)
  return bytes.toString('utf8', 0, end < 0 ? length : end)
}
