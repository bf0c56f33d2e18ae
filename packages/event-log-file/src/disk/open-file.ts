import type { Disk, FileIdentity, Opening } from './disk.ts'
import { quietly } from './io-failure.ts'

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
