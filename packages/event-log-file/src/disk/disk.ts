import {
  type Stats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { flockSync } from 'fs-ext'

/** The identity of a file, independent of its name, whether it is a regular file, and its length in bytes. */
export type FileIdentity = {
  readonly dev: number
  readonly ino: number
  readonly regular: boolean
  readonly size: number
}

/**
 * The mode in which a file is opened: to read; to read and append; the same, created if missing; created, which fails
 * if the name exists; to overwrite existing content.
 */
export type OpenMode = 'read' | 'append' | 'append or create' | 'create' | 'overwrite'

/**
 * The system calls of the log, and no others. They throw what Node throws: an error with a `code`. None follows a
 * symbolic link at the end of a path. An interface, so that a test can put a failing disk under the real log.
 */
export type Disk = {
  readonly open: (path: string, openMode: OpenMode) => number
  readonly close: (fd: number) => void
  /** undefined: there is no such file. */
  readonly stat: (path: string) => FileIdentity | undefined
  readonly fstat: (fd: number) => FileIdentity
  /** Reads up to `length` bytes at `offset` into `buffer` at `start`; returns how many, 0 at the end of the file. */
  readonly read: (fd: number, buffer: Buffer, start: number, length: number, offset: number) => number
  /** Writes at the end of the file; may write less than all, and returns how much. */
  readonly append: (fd: number, bytes: Uint8Array) => number
  /** Writes over the content at `offset`; may write less than all, and returns how much. */
  readonly overwrite: (fd: number, bytes: Uint8Array, offset: number) => number
  readonly truncate: (fd: number, size: number) => void
  readonly datasync: (fd: number) => void
  /** Renames `from` to `to` atomically, replacing what is there. */
  readonly rename: (from: string, to: string) => void
  readonly remove: (path: string) => void
  /** Makes the entries of a directory durable: files that were created, renamed or removed in it. */
  readonly syncDirectory: (path: string) => void
  /** Copies the owner and the permissions of `like` to the file `fd`; fails if this user is not permitted. */
  readonly copyOwnerAndMode: (fd: number, like: number) => void
  /** Takes the exclusive lock if it is free; false: another process has it. */
  readonly tryLock: (fd: number) => boolean
  readonly unlock: (fd: number) => void
}

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants

// Opening a named pipe in place of the log for reading would wait for a writer forever.
const openFlags: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  append: O_RDWR | O_APPEND | O_NOFOLLOW,
  'append or create': O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW,
  create: O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW,
  overwrite: O_RDWR | O_NOFOLLOW,
}

const toIdentity = (stats: Stats): FileIdentity => ({
  dev: stats.dev,
  ino: stats.ino,
  regular: stats.isFile(),
  size: stats.size,
})

export const realDisk: Disk = {
  open: (path, openMode) => openSync(path, openFlags[openMode]),
  close: fd => closeSync(fd),
  stat: path => {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats === undefined ? undefined : toIdentity(stats)
  },
  fstat: fd => toIdentity(fstatSync(fd)),
  read: (fd, buffer, start, length, offset) => readSync(fd, buffer, start, length, offset),
  append: (fd, bytes) => writeSync(fd, bytes),
  overwrite: (fd, bytes, offset) => writeSync(fd, bytes, 0, bytes.length, offset),
  truncate: (fd, size) => ftruncateSync(fd, size),
  datasync: fd => fdatasyncSync(fd),
  rename: (from, to) => renameSync(from, to),
  remove: path => unlinkSync(path),
  syncDirectory: path => {
    const fd = openSync(path, O_RDONLY)
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
  copyOwnerAndMode: (fd, like) => {
    const { uid, gid, mode } = fstatSync(like)
    const own = fstatSync(fd)
    if (own.uid !== uid || own.gid !== gid) fchownSync(fd, uid, gid)
    fchmodSync(fd, mode & 0o7777)
  },
  tryLock: fd => {
    // A taken lock is reported by an exception: recording its stack trace would cost a multiple of the call.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      flockSync(fd, 'exnb')
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // An interrupted call says nothing about the lock: it is retried like a lock that is taken.
      if (code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR') return false
      throw error
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  },
  unlock: fd => flockSync(fd, 'un'),
}

/** The timers of a log that waits. An interface, so that a test can be the clock. */
export type Timers = {
  /** Milliseconds of a clock that cannot be set. */
  readonly monotonicMs: () => number
  /** Resolves after `ms`. */
  readonly sleep: (ms: number) => Promise<void>
  /** Resolves after about `ms`, a few at most, which timers cannot measure; may block the process. */
  readonly sleepBlocking: (ms: number) => Promise<void>
  /** Resolves once everything else that is due in the event loop has run. */
  readonly yieldToEventLoop: () => Promise<void>
  /** A random number from 0 up to 1. */
  readonly random: () => number
}

const parkBuffer = new Int32Array(new SharedArrayBuffer(4))

/** The timers of the system. Not `node:timers/promises`, nor `performance`: those take 1 and 3 ms to load. */
export const realTimers: Timers = {
  monotonicMs: () => process.uptime() * 1000,
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  sleepBlocking: ms => {
    Atomics.wait(parkBuffer, 0, 0, ms)
    return new Promise(resolve => setImmediate(resolve))
  },
  yieldToEventLoop: () => new Promise(resolve => setImmediate(resolve)),
  random: Math.random,
}

/** A name for one of claimlog's own files, and whether the file exists. */
export type OwnFile = { readonly path: string; readonly exists: boolean }

const namesMax = 100

/**
 * The first of `path`, `path.1`, `path.2` … that is free or a regular file. A directory, a link, a pipe, a socket or a
 * device with one of these names belongs to another program: it is neither opened nor removed, and does no harm. Throws
 * as the disk does.
 */
export const findOwnFile = (disk: Disk, path: string): OwnFile => {
  for (let n = 0; n < namesMax; n += 1) {
    const name = n === 0 ? path : `${path}.${n}`
    const identity = disk.stat(name)
    if (identity === undefined || identity.regular) return { path: name, exists: identity !== undefined }
  }
  throw Object.assign(new Error(`EEXIST: no name is free for ${path}`), { code: 'EEXIST' })
}

/** The error code of a failed system call. */
export const systemErrorCode = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code

/** Runs `body` on the open file. */
export const withDescriptor = <A>(path: string, flags: number, body: (fd: number) => A): A => {
  const fd = openSync(path, flags)
  try {
    return body(fd)
  } finally {
    closeSync(fd)
  }
}

/** Enough for a stamp, or for the end of a `queue.json`, which names its seq. */
export const headBytes = 256

/** The bytes of a file from `offset`, at most {@link headBytes}, as latin1 text. */
export const readSlice = (path: string, offset: number): string =>
  withDescriptor(path, O_RDONLY | O_NONBLOCK, fd => {
    const bytes = Buffer.allocUnsafe(headBytes)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, headBytes, offset))
  })

/** The first bytes of one of claimlog's own files; '' if there is none or something else has its name. */
export const readHead = (path: string): string => {
  try {
    return withDescriptor(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, fd => {
      const bytes = Buffer.allocUnsafe(headBytes)
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, headBytes, 0))
    })
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ESPIPE', 'EAGAIN', 'ENXIO'].includes(systemErrorCode(thrown) ?? ''))
      return ''
    throw thrown
  }
}

/** Creates a new file. An existing one of that name, even a symbolic link, is removed and not followed. */
export const createFile = (path: string): number => {
  for (;;)
    try {
      return openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    } catch (thrown) {
      if (systemErrorCode(thrown) !== 'EEXIST') throw thrown
      removeIfExists(path)
    }
}

/** Not `rmSync`, which takes a millisecond to load its code for folders. */
export const removeIfExists = (path: string): void => {
  try {
    unlinkSync(path)
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'ENOENT') throw thrown
  }
}
