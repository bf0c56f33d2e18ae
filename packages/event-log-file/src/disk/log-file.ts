import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, NoLog } from '@claimlog/event-log'
import type { EventCodec } from '@claimlog/event-log-line'
import type { Disk, FileIdentity, OpenMode, Timers } from './disk.ts'
import { toIoFailed, toOpenFailure } from './io-failure.ts'

/** The path of a file, and the system calls and timers to use. */
export type FileContext = { readonly disk: Disk; readonly timers: Timers; readonly path: string }

/** A file context with the codec of the log's events. */
export type LogContext<A> = FileContext & { readonly codec: EventCodec<A> }

/** The open file of a log. It may be moved or replaced while it is open. */
export type LogFile = {
  /** The file that is open now; {@link LogFile.refresh} may close it and open another. */
  readonly current: () => OpenFile
  /** Its length in bytes, as last seen or written. */
  readonly size: () => number
  /** Notes that this process has written up to byte `size`. */
  readonly setSize: (size: number) => void
  /** The reason why the file cannot be written; undefined: it can. */
  readonly writeFailure: () => IoFailed | undefined
  /**
   * Checks which file has the path now. If it is not the open one, opens it instead and returns true: a lock on the old
   * file excludes no one.
   */
  readonly refresh: () => E.Either<IoFailed | NoLog, boolean>
  readonly close: () => void
}

/** Opens the log at `path` for reading and appending or, if that is not permitted, for reading. */
export const openLogFile = (disk: Disk, path: string): E.Either<IoFailed | NoLog, LogFile> => {
  const opened = openWithFallback(disk, path)
  if (E.isLeft(opened)) return opened
  let { file, writeFailure, identity } = opened.right

  const reopen = (): E.Either<IoFailed | NoLog, boolean> => {
    const reopened = openWithFallback(disk, path)
    if (E.isLeft(reopened)) return reopened
    file.close()
    ;({ file, writeFailure, identity } = reopened.right)
    return E.right(true)
  }

  return E.right({
    current: () => file,
    size: () => identity.size,
    setSize: size => {
      identity = { ...identity, size }
    },
    writeFailure: () => writeFailure,
    refresh: () => {
      try {
        // One call returns both: whether the path still names the open file, and its length.
        const newIdentity = disk.stat(path)
        if (newIdentity === undefined) return E.left({ failure: 'NoLog', path, wasOpen: true })
        if (newIdentity.ino !== identity.ino || newIdentity.dev !== identity.dev) return reopen()
        identity = newIdentity
        return notReplaced
      } catch (thrown) {
        return E.left(toIoFailed(path, 'stat', thrown))
      }
    },
    close: () => file.close(),
  })
}

type OpenedFile = {
  readonly file: OpenFile
  readonly identity: FileIdentity
  readonly writeFailure: IoFailed | undefined
}

const openWithFallback = (disk: Disk, path: string): E.Either<IoFailed | NoLog, OpenedFile> => {
  try {
    return openRegularFile(disk, path, 'append', undefined)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return E.left(toOpenFailure(path, thrown))
    try {
      return openRegularFile(disk, path, 'read', toIoFailed(path, 'open for writing', thrown))
    } catch (readThrown) {
      return E.left(toOpenFailure(path, readThrown))
    }
  }
}

const openRegularFile = (
  disk: Disk,
  path: string,
  openMode: 'append' | 'read',
  writeFailure: IoFailed | undefined,
): E.Either<IoFailed, OpenedFile> => {
  const file = OpenFile.open(disk, path, openMode)
  let identity: FileIdentity
  try {
    identity = file.identity()
  } catch (thrown) {
    file.close()
    throw thrown
  }
  if (identity.regular) return E.right({ file, identity, writeFailure })
  file.close()
  return E.left({ failure: 'IoFailed', path, operation: 'open', code: 'EINVAL', detail: 'it is not a regular file' })
}

/** Allocated once, because every commit returns it. */
const notReplaced: E.Either<never, boolean> = E.right(false)

/**
 * An open file, and the only owner of its descriptor: the number never leaves this object, and is not used after
 * {@link close}, when the system may have given it to another file of this process. A use after that is a defect and
 * throws. Throws what the disk throws.
 */
export class OpenFile {
  readonly #disk: Disk
  readonly #path: string
  #fd: number | undefined

  private constructor(disk: Disk, path: string, openMode: OpenMode) {
    this.#disk = disk
    this.#path = path
    this.#fd = disk.open(path, openMode)
  }

  static open(disk: Disk, path: string, openMode: OpenMode): OpenFile {
    return new OpenFile(disk, path, openMode)
  }

  get isOpen(): boolean {
    return this.#fd !== undefined
  }

  identity(): FileIdentity {
    return this.#disk.fstat(this.#descriptor())
  }

  read(buffer: Buffer, start: number, length: number, offset: number): number {
    return this.#disk.read(this.#descriptor(), buffer, start, length, offset)
  }

  append(bytes: Uint8Array): number {
    return this.#disk.append(this.#descriptor(), bytes)
  }

  overwrite(bytes: Uint8Array, offset: number): number {
    return this.#disk.overwrite(this.#descriptor(), bytes, offset)
  }

  truncate(size: number): void {
    this.#disk.truncate(this.#descriptor(), size)
  }

  datasync(): void {
    this.#disk.datasync(this.#descriptor())
  }

  /** Sets the owner and the permissions of `like`. */
  copyOwnerAndMode(like: OpenFile): void {
    this.#disk.copyOwnerAndMode(this.#descriptor(), like.#descriptor())
  }

  /** Takes the exclusive lock if it is free; false: another process has it. */
  tryLock(): boolean {
    return this.#disk.tryLock(this.#descriptor())
  }

  /** Releases the lock, if the file is still open. */
  unlock(): void {
    // If the system fails to unlock, closing the file releases the lock: the work done under it is complete.
    if (this.#fd !== undefined) ignoreSystemErrors(() => this.#disk.unlock(this.#descriptor()))
  }

  /**
   * Closes the file, once however often it is called. What must be durable was synced before: a failure to close undoes
   * nothing, and the descriptor is not used again either.
   */
  close(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) ignoreSystemErrors(() => this.#disk.close(fd))
  }

  #descriptor(): number {
    if (this.#fd === undefined) throw new Error(`${this.#path} was used after it was closed`)
    return this.#fd
  }
}

/** Runs `body`, which must be synchronous, on an open file. */
export const withOpenFile = <A>(disk: Disk, path: string, openMode: OpenMode, body: (file: OpenFile) => A): A => {
  const file = OpenFile.open(disk, path, openMode)
  try {
    return body(file)
  } finally {
    file.close()
  }
}

/** Runs `work`, whose success is not required. Defects are still thrown. */
export const ignoreSystemErrors = (work: () => void): void => {
  try {
    work()
  } catch (thrown) {
    if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
  }
}

/**
 * Fills `buffer` from byte `offset` and returns the part that the file has. The system may return less than there is,
 * for example before a part of the disk that it cannot read: missing bytes must not be taken for the end of the file.
 * Throws as the disk does.
 */
export const readFully = (file: OpenFile, buffer: Buffer, offset: number): Buffer => {
  let filled = 0
  for (let readBytes = 1; filled < buffer.length && readBytes > 0; filled += readBytes)
    readBytes = file.read(buffer, filled, buffer.length - filled, offset + filled)
  return filled === buffer.length ? buffer : buffer.subarray(0, filled)
}

const copyChunkBytes = 1024 * 1024

/** Passes the bytes `from` up to `to` of a file to `onChunk`, in chunks that are valid until the next one. */
export const forEachChunk = (
  file: OpenFile,
  from: number,
  to: number,
  onChunk: (bytes: Buffer, offset: number) => void,
): void => {
  const buffer = Buffer.allocUnsafe(Math.min(to - from, copyChunkBytes))
  for (let offset = from; offset < to;) {
    const count = file.read(buffer, 0, Math.min(buffer.length, to - offset), offset)
    if (count === 0) throw ioError('is shorter than expected')
    onChunk(buffer.subarray(0, count), offset)
    offset += count
  }
}

/** Appends all of `bytes`, however often the system writes only a part. */
export const appendFully = (file: OpenFile, bytes: Uint8Array): void => writeFully(bytes, rest => file.append(rest))

/** Writes all of `bytes` over the content at `offset`, however often the system writes only a part. */
export const overwriteFully = (file: OpenFile, bytes: Uint8Array, offset: number): void =>
  writeFully(bytes, (rest, written) => file.overwrite(rest, offset + written))

const writeFully = (bytes: Uint8Array, write: (rest: Uint8Array, written: number) => number): void => {
  for (let written = 0; written < bytes.length;) {
    const count = write(written === 0 ? bytes : bytes.subarray(written), written)
    if (count === 0) throw ioError('accepted no bytes of a write')
    written += count
  }
}

const ioError = (problem: string): Error => Object.assign(new Error(`EIO: the file ${problem}`), { code: 'EIO' })
