import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, NoLog } from '@claimlog/event-log'
import type { EventCodec } from '../format/event-codec.ts'
import type { Disk, FileIdentity, Timers } from './disk.ts'
import { ioFailed, openFailed } from './io-failure.ts'
import { OpenFile } from './open-file.ts'

/** A file on a disk. */
export type Place = { readonly disk: Disk; readonly timers: Timers; readonly path: string }

/** What it takes to read a log. */
export type Source<A> = Place & { readonly codec: EventCodec<A> }

/** The open file of a log, which may be moved or put back while it is open. */
export type LogFile = {
  /** The file that is open now; {@link LogFile.refresh} may close it and open another. */
  readonly current: () => OpenFile
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
  let { file, readOnly, identity } = opened.right

  const reopen = (): E.Either<IoFailed | NoLog, boolean> => {
    const again = openAt(disk, path)
    if (E.isLeft(again)) return again
    file.close()
    ;({ file, readOnly, identity } = again.right)
    return E.right(true)
  }

  return E.right({
    current: () => file,
    size: () => identity.size,
    grownTo: size => {
      identity = { ...identity, size }
    },
    readOnly: () => readOnly,
    refresh: () => {
      try {
        // One call answers both whether the path still names the open file and how long that is.
        const named = disk.stat(path)
        if (named === undefined) return E.left({ failure: 'NoLog', path, wasOpen: true })
        if (named.ino !== identity.ino || named.dev !== identity.dev) return reopen()
        identity = named
        return sameFile
      } catch (thrown) {
        return E.left(ioFailed(path, 'stat', thrown))
      }
    },
    close: () => file.close(),
  })
}

type Opened = { readonly file: OpenFile; readonly identity: FileIdentity; readonly readOnly: IoFailed | undefined }

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
  const file = OpenFile.open(disk, path, opening)
  let identity: FileIdentity
  try {
    identity = file.identity()
  } catch (thrown) {
    file.close()
    throw thrown
  }
  if (identity.regular) return E.right({ file, identity, readOnly })
  file.close()
  return E.left({ failure: 'IoFailed', path, operation: 'open', code: 'EINVAL', detail: 'it is not a regular file' })
}

/** Made once: a turn under the lock comes to it. */
const sameFile: E.Either<never, boolean> = E.right(false)
