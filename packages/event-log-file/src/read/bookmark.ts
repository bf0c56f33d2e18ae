import * as E from 'fp-ts/lib/Either.js'
import type { Bookmark, IoFailed, NoLog } from '@claimlog/event-log'
import type { Position } from '../format/position.ts'
import { hashBefore } from '../disk/hash-before.ts'
import { ioFailed } from '../disk/io-failure.ts'
import type { LogFile } from '../disk/log-file.ts'
import type { Place } from '../disk/source.ts'

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
