import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { type Block, newBlock } from './block.ts'
import { CheckpointDamaged } from './damage.ts'
import { xxHash32 } from './xx-hash.ts'

/** The position of a block and its checksum: enough to verify that a block is the right one. */
export type Pointer = { readonly offset: number; readonly bytes: number; readonly checksum: number }

/** An open file of blocks. Blocks are never overwritten. */
export type BlockFile = {
  /** The block at a pointer. Throws `CheckpointDamaged` if another block, or none, is there. */
  readonly read: (pointer: Pointer) => Block
  readonly close: () => void
}

/** Opens a file of blocks. It is read through its descriptor: it may be deleted or replaced meanwhile. */
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

/** Opens a regular file, and nothing else: opening a named pipe would block, and a link could lead anywhere. */
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

/** The size of the cache of blocks; inner blocks are read for every key. */
const recentBytes = 4 << 20

/**
 * A cache of the blocks that were read last, in two generations: a full generation becomes the older one, which is
 * dropped with the next. An LRU cache updates its map with every hit, which took half of the time of a scan of all
 * tasks.
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
  /** Writes the blocks that were added and not written yet; returns the new length of the file. */
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
