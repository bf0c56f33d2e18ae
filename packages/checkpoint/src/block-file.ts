import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { type Block, createBlock } from './block.ts'
import { CheckpointDamaged } from './damage.ts'
import { xxHash32 } from './xx-hash.ts'

/** The position of a block and its checksum: enough to verify that a block is the right one. */
export type BlockPointer = { readonly offset: number; readonly bytes: number; readonly checksum: number }

/** An open file of blocks. Blocks are never overwritten. */
export type BlockFile = {
  /** The block at a pointer. Throws `CheckpointDamaged` if another block, or none, is there. */
  readonly read: (pointer: BlockPointer) => Block
  readonly close: () => void
}

/** Opens a file of blocks. It is read through its descriptor: it may be deleted or replaced meanwhile. */
export const openBlockFile = (path: string): BlockFile => {
  const fd = openRegular(path, constants.O_RDONLY)
  let isOpen = true
  const cache = createBlockCache()
  return {
    read: pointer => {
      const cachedBlock = cache.get(pointer.offset)
      if (cachedBlock !== undefined) return cachedBlock
      if (!isOpen) throw new Error('the checkpoint is closed')
      const block = readBlock(fd, basename(path), pointer)
      cache.add(pointer.offset, block)
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

const readBlock = (fd: number, name: string, { offset, bytes, checksum }: BlockPointer): Block => {
  const block = createBlock(bytes)
  let filled = 0
  while (filled < bytes) {
    const count = readSync(fd, block.bytes, filled, bytes - filled, offset + filled)
    if (count === 0) throw new CheckpointDamaged(`${name} ends before byte ${offset + bytes}, where a block should end`)
    filled += count
  }
  if (xxHash32(block.words) !== checksum)
    throw new CheckpointDamaged(`${name} is damaged: the block at byte ${offset} is not as it was written`)
  return block
}

/** The size of the cache of blocks; inner blocks are read for every key. */
const cacheBytesMax = 4 << 20

/**
 * A cache of the blocks that were read last, in two generations: a full generation becomes the older one, which is
 * dropped with the next. An LRU cache updates its map with every hit, which took half of the time of a scan of all
 * tasks.
 */
const createBlockCache = () => {
  let older = new Map<number, Block>()
  let newer = new Map<number, Block>()
  let newerBytes = 0

  const add = (offset: number, block: Block): void => {
    newerBytes += block.bytes.length
    if (newerBytes > cacheBytesMax / 2) {
      older = newer
      newer = new Map()
      newerBytes = block.bytes.length
    }
    newer.set(offset, block)
  }

  return {
    get: (offset: number): Block | undefined => {
      const cachedBlock = newer.get(offset)
      if (cachedBlock !== undefined) return cachedBlock
      const block = older.get(offset)
      if (block !== undefined) add(offset, block)
      return block
    },
    add,
  }
}

/** Adds blocks at the end of a file. */
export type BlockAppender = {
  readonly append: (block: Block) => BlockPointer
  /** Writes the blocks that were added and not written yet; returns the new length of the file. */
  readonly flush: () => number
}

const bytesPerWrite = 1 << 20

/** Adds blocks to the open file `fd`, which is `size` bytes long. */
export const blockAppender = (fd: number, size: number): BlockAppender => {
  let end = size
  let pendingBlocks: Array<Buffer> = []
  let pendingBytes = 0

  const flush = (): number => {
    const bytes = pendingBlocks.length === 1 ? (pendingBlocks[0] as Buffer) : Buffer.concat(pendingBlocks)
    for (let written = 0; written < bytes.length;)
      written += writeSync(fd, bytes, written, bytes.length - written, end - pendingBytes + written)
    pendingBlocks = []
    pendingBytes = 0
    return end
  }

  return {
    append: ({ words, bytes }) => {
      const pointer = { offset: end, bytes: bytes.length, checksum: xxHash32(words) }
      pendingBlocks.push(bytes)
      pendingBytes += bytes.length
      end += bytes.length
      if (pendingBytes >= bytesPerWrite) flush()
      return pointer
    },
    flush,
  }
}
