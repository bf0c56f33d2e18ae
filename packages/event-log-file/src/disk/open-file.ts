import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { Disk, FileIdentity, Opening } from './disk.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/**
 * An open file, and the only owner of its descriptor: the number never leaves this object, and no call is made with it
 * after {@link close}, when the system may have given it to any other file of this process. A use after that is a defect
 * and throws; so does whatever the disk throws.
 */
export class OpenFile {
  readonly #disk: Disk
  readonly #path: string
  #fd: number | undefined

  private constructor(disk: Disk, path: string, opening: Opening) {
    this.#disk = disk
    this.#path = path
    this.#fd = disk.open(path, opening)
  }

  static open(disk: Disk, path: string, opening: Opening): OpenFile {
    return new OpenFile(disk, path, opening)
  }

  get isOpen(): boolean {
    return this.#fd !== undefined
  }

  identity(): FileIdentity {
    return this.#disk.fstat(this.#descriptor())
  }

  read(buffer: Buffer, at: number, length: number, offset: number): number {
    return this.#disk.read(this.#descriptor(), buffer, at, length, offset)
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

  /** Has the owner and the permissions of `like` from now on. */
  takeAfter(like: OpenFile): void {
    this.#disk.takeAfter(this.#descriptor(), like.#descriptor())
  }

  /** Takes the exclusive lock if nobody has it; false where somebody has. */
  tryLock(): boolean {
    return this.#disk.tryLock(this.#descriptor())
  }

  /** Lets go of the lock. Closing the file has done so already. */
  unlock(): void {
    // Where the system cannot do that, closing the file lets go of the lock: what was done under it is done.
    if (this.#fd !== undefined) quietly(() => this.#disk.unlock(this.#descriptor()))
  }

  /**
   * Lets go of the file, once however often it is called. What must last was synced before: a file that cannot be closed
   * well takes nothing back, and its number is not used again either.
   */
  close(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) quietly(() => this.#disk.close(fd))
  }

  #descriptor(): number {
    if (this.#fd === undefined) throw new Error(`${this.#path} was used after it was closed`)
    return this.#fd
  }
}

/** Has `body`, which must be synchronous, work on an open file. */
export const withOpenFile = <A>(disk: Disk, path: string, opening: Opening, body: (file: OpenFile) => A): A => {
  const file = OpenFile.open(disk, path, opening)
  try {
    return body(file)
  } finally {
    file.close()
  }
}

/** Runs `work`, of which nothing depends on whether the system can do it. A defect is thrown on. */
export const quietly = (work: () => void): void => {
  try {
    work()
  } catch (thrown) {
    if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
  }
}

/**
 * Fills `buffer` with what stands at byte `offset`, and answers the part of it that the file has. The system may give less
 * than there is, before a part of the disk that it cannot read for one: what is missing then must not pass for the end.
 * Throws as the disk does.
 */
export const readWhole = (file: OpenFile, buffer: Buffer, offset: number): Buffer => {
  let filled = 0
  for (let taken = 1; filled < buffer.length && taken > 0; filled += taken)
    taken = file.read(buffer, filled, buffer.length - filled, offset + filled)
  return filled === buffer.length ? buffer : buffer.subarray(0, filled)
}

const copiedAtOnce = 1024 * 1024

/** Gives the bytes `from` up to `to` of a file to `take`, in pieces that are good until the next one. */
export const copyBytes = (
  file: OpenFile,
  from: number,
  to: number,
  take: (bytes: Buffer, offset: number) => void,
): void => {
  const buffer = Buffer.allocUnsafe(Math.min(to - from, copiedAtOnce))
  for (let at = from; at < to;) {
    const read = file.read(buffer, 0, Math.min(buffer.length, to - at), at)
    if (read === 0) throw systemTook('ended before what was to be copied')
    take(buffer.subarray(0, read), at)
    at += read
  }
}

/** Writes all of `bytes` at the end of the file, however often the system takes only a part. */
export const appendAll = (file: OpenFile, bytes: Uint8Array): void => writeAll(bytes, rest => file.append(rest))

/** Writes all of `bytes` over what is at `offset`, however often the system takes only a part. */
export const overwriteAll = (file: OpenFile, bytes: Uint8Array, offset: number): void =>
  writeAll(bytes, (rest, written) => file.overwrite(rest, offset + written))

const writeAll = (bytes: Uint8Array, write: (rest: Uint8Array, written: number) => number): void => {
  for (let written = 0; written < bytes.length;) {
    const count = write(written === 0 ? bytes : bytes.subarray(written), written)
    if (count === 0) throw systemTook('took nothing of what was to be written')
    written += count
  }
}

const systemTook = (what: string): Error => Object.assign(new Error(`EIO: the file ${what}`), { code: 'EIO' })

/** A name for a file of ours, and whether it is there. */
export type OwnFile = { readonly path: string; readonly isThere: boolean }

const mostNames = 100

/**
 * The first of `path`, `path.1`, `path.2` … that is free or a regular file. A directory, a link, a pipe, a socket or a
 * device with one of these names is somebody else's: it is neither opened nor removed, and stops nobody. Throws as the
 * disk does.
 */
export const ownFile = (disk: Disk, path: string): OwnFile => {
  for (let n = 0; n < mostNames; n += 1) {
    const name = n === 0 ? path : `${path}.${n}`
    const there = disk.stat(name)
    if (there === undefined || there.regular) return { path: name, isThere: there !== undefined }
  }
  throw Object.assign(new Error(`EEXIST: no name is free for ${path}`), { code: 'EEXIST' })
}

/** The word for what the system would not do. */
export const codeOf = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code

/** Has `body` work on the open file. */
export const withOpen = <A>(path: string, flags: number, body: (fd: number) => A): A => {
  const fd = openSync(path, flags)
  try {
    return body(fd)
  } finally {
    closeSync(fd)
  }
}

/** More than a stamp has, or the end of a `queue.json` that names its seq. */
export const headBytes = 256

/** What a file has from `offset` on, at most {@link headBytes}. */
export const bytesAt = (path: string, offset: number): string =>
  withOpen(path, O_RDONLY | O_NONBLOCK, fd => {
    const bytes = Buffer.allocUnsafe(headBytes)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, headBytes, offset))
  })

/** The beginning of a file of ours; '' where there is none, or something else has its name. */
export const firstBytes = (path: string): string => {
  try {
    return withOpen(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, fd => {
      const bytes = Buffer.allocUnsafe(headBytes)
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, headBytes, 0))
    })
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ESPIPE', 'EAGAIN', 'ENXIO'].includes(codeOf(thrown) ?? '')) return ''
    throw thrown
  }
}
