import * as E from 'fp-ts/lib/Either.js'
import type { Bookmark, HistoryChanged, IoFailed, NoLog } from '@claimlog/event-log'
import { ioFailed } from '../disk/io-failure.ts'
import type { LogFile, Place } from '../disk/log-file.ts'
import { type OpenFile, readWhole } from '../disk/open-file.ts'
import { hashOf, type Position } from '../format/line.ts'

/** A position as a bookmark: `at` is the byte that its line starts at, the byte after it, and its hash. */
export const bookmarkOf = ({ seq, lineOffset, offset, hash }: Position): Bookmark => ({
  seq,
  at: `${lineOffset} ${offset} ${hash}`,
})

const written = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{32})$/

/**
 * The place that `bookmark` names, if the file still holds the history up to there: the hash at that place covers all that
 * stands before it. undefined: it does not, or the bookmark is none of ours.
 */
export const placeOf = (
  { path }: Place,
  file: LogFile,
  { seq, at }: Bookmark,
): E.Either<IoFailed | NoLog, Position | undefined> => {
  const [, lineOffset, offset, hash = ''] = written.exec(at) ?? []
  const place: Position = { seq, lineOffset: Number(lineOffset), offset: Number(offset), hash }
  const refreshed = file.refresh()
  if (E.isLeft(refreshed)) return refreshed
  if (!(seq > 0) || !(file.size() >= place.offset)) return E.right(undefined)
  try {
    return E.right(hashBefore(file.current(), place.offset) === hash ? place : undefined)
  } catch (thrown) {
    return E.left(ioFailed(path, 'read', thrown))
  }
}

/**
 * Whether the file still holds the line that ends at `position`. As every line's hash covers all before it, the same
 * digits at the same place mean the same history up to there. No time of the file's is believed: it may be set, and in one
 * tick of the kernel's clock there is room for a copy put back and for others' writes.
 */
export const stillHolds = (
  path: string,
  file: LogFile,
  position: Position,
): E.Either<IoFailed | HistoryChanged, void> => {
  if (position.seq === 0) return held
  try {
    if (file.size() >= position.offset && endsWithHash(file.current(), position.offset, position.hash)) return held
  } catch (thrown) {
    return E.left(ioFailed(path, 'read', thrown))
  }
  const detail =
    file.size() < position.offset
      ? `the log ends at byte ${file.size()}, but lines up to byte ${position.offset} were there before`
      : 'another history stands where this line was'
  return E.left({ failure: 'HistoryChanged', path, line: position.seq, offset: position.lineOffset, detail })
}

/** Made once: a turn under the lock comes to it. */
const held: E.Either<never, void> = E.right(undefined)

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
const endsWithHash = (file: OpenFile, offset: number, hash: string): boolean =>
  readWhole(file, endOfLine, offset - endOfLine.length).length === endOfLine.length &&
  endOfLine[endOfLine.length - 1] === newline &&
  endOfLine.toString('latin1', 0, hashDigits) === hash
