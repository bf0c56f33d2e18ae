import {
  type Stats,
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { flockSync } from 'fs-ext'

/** What identifies a file whatever its name, and its length in bytes. */
export type FileIdentity = { readonly dev: number; readonly ino: number; readonly size: number }

/**
 * The system calls that the log is made of, and no others. They throw what Node throws: an error with a `code`.
 * Behind an interface so that a test can put a failing disk under the real log.
 */
export type Disk = {
  /** Opens for reading, and for appending where `writable`. */
  readonly open: (path: string, writable: boolean) => number
  readonly close: (fd: number) => void
  /** undefined: there is no such file. */
  readonly stat: (path: string) => FileIdentity | undefined
  readonly fstat: (fd: number) => FileIdentity
  /** Reads up to `length` bytes at `offset` into `buffer` at `at`; answers how many, 0 at the end of the file. */
  readonly read: (fd: number, buffer: Buffer, at: number, length: number, offset: number) => number
  /** Writes at the end of the file; may write less than asked, and answers how much. */
  readonly append: (fd: number, bytes: Uint8Array) => number
  readonly truncate: (fd: number, size: number) => void
  readonly datasync: (fd: number) => void
  /** Takes the exclusive lock if nobody has it; false where somebody has. */
  readonly tryLock: (fd: number) => boolean
  readonly unlock: (fd: number) => void
}

const identityOf = ({ dev, ino, size }: Stats): FileIdentity => ({ dev, ino, size })

export const realDisk: Disk = {
  open: (path, writable) => openSync(path, writable ? constants.O_RDWR | constants.O_APPEND : 'r'),
  close: fd => closeSync(fd),
  stat: path => {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats === undefined ? undefined : identityOf(stats)
  },
  fstat: fd => identityOf(fstatSync(fd)),
  read: (fd, buffer, at, length, offset) => readSync(fd, buffer, at, length, offset),
  append: (fd, bytes) => writeSync(fd, bytes),
  truncate: (fd, size) => ftruncateSync(fd, size),
  datasync: fd => fdatasyncSync(fd),
  tryLock: fd => {
    try {
      flockSync(fd, 'exnb')
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return false
      throw error
    }
  },
  unlock: fd => flockSync(fd, 'un'),
}
