import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { type Block, newBlock } from './block.ts'
import { CheckpointDamaged } from './damage.ts'
import { xxHash32 } from './xx-hash.ts'

/** Where a block lies, and what its checksum is. Whoever has the pointer to a block can tell whether it is that one. */
export type Pointer = { readonly offset: number; readonly bytes: number; readonly checksum: number }

/** An open file of blocks. Nothing that was written in it once is written over. */
export type BlockFile = {
  /** The block that a pointer leads to. Throws `CheckpointDamaged` where another one, or none, lies there. */
  readonly read: (pointer: Pointer) => Block
  readonly close: () => void
}

/** The open file is read by its descriptor: that its name was deleted, or given to another file, changes nothing. */
export const openBlockFile = (path: string): BlockFile => {
  const fd = openRegular(path, constants.O_RDONLY)
  let isOpen = true
  const recent = recentBlocks()
  return {
    read: pointer => {
      const known = recent.get(pointer.offset)
      if (known !== undefined) return known
      if (!isOpen) throw new Error('the checkpoint is closed')
      const block = readBlock(fd, basename(path), pointer)
      recent.add(pointer.offset, block)
      return block
    },
    close: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

/** Opens what must be a file: a named pipe would be waited for, and a link leads to who knows where. */
export const openRegular = (path: string, flags: number): number => {
  const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o666)
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw new CheckpointDamaged(`${basename(path)} is not a regular file`)
}

const readBlock = (fd: number, name: string, { offset, bytes, checksum }: Pointer): Block => {
  const block = newBlock(bytes)
  let read = 0
  while (read < bytes) {
    const more = readSync(fd, block.bytes, read, bytes - read, offset + read)
    if (more === 0) throw new CheckpointDamaged(`${name} ends before byte ${offset + bytes}, where a block should end`)
    read += more
  }
  if (xxHash32(block.words) !== checksum)
    throw new CheckpointDamaged(`${name} is damaged: the block at byte ${offset} is not as it was written`)
  return block
}

/** As many bytes of blocks are kept at hand; an inner block is asked for with every key. */
const recentBytes = 4 << 20

/**
 * The blocks that were read last, in two generations: a full one becomes the older one, which is dropped with the next.
 * The map of an LRU cache is written to with every hit, which was half of the time that going through all tasks took.
 */
const recentBlocks = () => {
  let older = new Map<number, Block>()
  let newer = new Map<number, Block>()
  let newerBytes = 0

  const add = (offset: number, block: Block): void => {
    newerBytes += block.bytes.length
    if (newerBytes > recentBytes / 2) {
      older = newer
      newer = new Map()
      newerBytes = block.bytes.length
    }
    newer.set(offset, block)
  }

  return {
    get: (offset: number): Block | undefined => {
      const known = newer.get(offset)
      if (known !== undefined) return known
      const block = older.get(offset)
      if (block !== undefined) add(offset, block)
      return block
    },
    add,
  }
}

/** Adds blocks at the end of a file. */
export type BlockAppender = {
  readonly append: (block: Block) => Pointer
  /** Writes what was added and not written yet, and answers how long the file is then. */
  readonly flush: () => number
}

const bytesPerWrite = 1 << 20

/** Adds blocks to the open file `fd`, which is `size` bytes long. */
export const blockAppender = (fd: number, size: number): BlockAppender => {
  let end = size
  let waiting: Array<Buffer> = []
  let waitingBytes = 0

  const flush = (): number => {
    const bytes = waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting)
    for (let written = 0; written < bytes.length;)
      written += writeSync(fd, bytes, written, bytes.length - written, end - waitingBytes + written)
    waiting = []
    waitingBytes = 0
    return end
  }

  return {
    append: ({ words, bytes }) => {
      const pointer = { offset: end, bytes: bytes.length, checksum: xxHash32(words) }
      waiting.push(bytes)
      waitingBytes += bytes.length
      end += bytes.length
      if (waitingBytes >= bytesPerWrite) flush()
      return pointer
    },
    flush,
  }
}
