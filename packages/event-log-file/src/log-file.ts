import * as E from 'fp-ts/lib/Either.js'
import type { HistoryChanged, IoFailed, NoLog } from '@claimlog/event-log'
import type { Position } from './position.ts'
import type { Disk, FileIdentity } from './disk.ts'
import { ioFailed, openFailed, quietly } from './io-failure.ts'
import { hashBefore } from './hash-before.ts'

/** The open file of a log, which may be moved or put back while it is open. */
export type LogFile = {
  readonly fd: () => number
  /** Its length as it was seen last, in bytes, and as it was written to since. */
  readonly size: () => number
  /** This process has written up to byte `size`. */
  readonly grownTo: (size: number) => void
  /** Why the file cannot be written; undefined: it can. */
  readonly readOnly: () => IoFailed | undefined
  /**
   * Looks at what the path names now. Where that is another file than the open one, opens it instead, and answers true:
   * a lock held on the old one locks nothing.
   */
  readonly refresh: () => E.Either<IoFailed | NoLog, boolean>
  readonly close: () => void
}

/** Opens the log at `path`: for reading and appending or, where that is not allowed, for reading. */
export const openLogFile = (disk: Disk, path: string): E.Either<IoFailed | NoLog, LogFile> => {
  const opened = openAt(disk, path)
  if (E.isLeft(opened)) return opened
  let { fd, readOnly, identity } = opened.right

  const reopen = (): E.Either<IoFailed | NoLog, boolean> => {
    const again = openAt(disk, path)
    if (E.isLeft(again)) return again
    disk.close(fd)
    ;({ fd, readOnly, identity } = again.right)
    return E.right(true)
  }

  return E.right({
    fd: () => fd,
    size: () => identity.size,
    grownTo: size => {
      identity = { ...identity, size }
    },
    readOnly: () => readOnly,
    refresh: () => {
      try {
        // One call answers both whether the path still names the open file and how long that is.
        const named = disk.stat(path)
        if (named === undefined) return E.left({ failure: 'NoLog', path })
        if (named.ino !== identity.ino || named.dev !== identity.dev) return reopen()
        identity = named
        return E.right(false)
      } catch (thrown) {
        return E.left(ioFailed(path, 'stat', thrown))
      }
    },
    // Everything that must last was synced before: a file that cannot be closed well takes nothing back.
    close: () => quietly(() => disk.close(fd)),
  })
}

type Opened = { readonly fd: number; readonly identity: FileIdentity; readonly readOnly: IoFailed | undefined }

const openAt = (disk: Disk, path: string): E.Either<IoFailed | NoLog, Opened> => {
  try {
    return openRegular(disk, path, 'append', undefined)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return E.left(openFailed(path, thrown))
    try {
      return openRegular(disk, path, 'read', ioFailed(path, 'open for writing', thrown))
    } catch (again) {
      return E.left(openFailed(path, again))
    }
  }
}

const openRegular = (
  disk: Disk,
  path: string,
  opening: 'append' | 'read',
  readOnly: IoFailed | undefined,
): E.Either<IoFailed, Opened> => {
  const fd = disk.open(path, opening)
  let identity: FileIdentity
  try {
    identity = disk.fstat(fd)
  } catch (thrown) {
    disk.close(fd)
    throw thrown
  }
  if (identity.regular) return E.right({ fd, identity, readOnly })
  disk.close(fd)
  return E.left({ failure: 'IoFailed', path, operation: 'open', code: 'EINVAL', detail: 'it is not a regular file' })
}

/**
 * Whether the file still holds the line that ends at `position`. As every line's hash covers all before it, the same
 * digits at the same place mean the same history up to there.
 */
export const stillHolds = (
  disk: Disk,
  path: string,
  file: LogFile,
  position: Position,
): E.Either<IoFailed | HistoryChanged, void> => {
  if (position.seq === 0) return E.right(undefined)
  const changed = (detail: string): E.Either<HistoryChanged, never> =>
    E.left({ failure: 'HistoryChanged', path, line: position.seq, offset: position.lineOffset, detail })
  if (file.size() < position.offset)
    return changed(`the log ends at byte ${file.size()}, but lines up to byte ${position.offset} were there before`)
  try {
    if (hashBefore(disk, file.fd(), position.offset) === position.hash) return E.right(undefined)
    return changed('another history stands where this line was')
  } catch (thrown) {
    return E.left(ioFailed(path, 'read', thrown))
  }
}
