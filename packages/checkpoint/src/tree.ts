import { type Block, countBefore, countIn, hasKey, keyIn, textIn, valueIn } from './block.ts'
import type { BlockFile, Pointer } from './block-file.ts'

/**
 * A B+ tree of blocks that are written once. A change writes the blocks that differ, up to a new root, and leaves the
 * others where they are (copy-on-write, as in a Merkle tree): every pointer to a block has its checksum, so the pointer
 * to the root covers every byte of the tree. Inner blocks contain the first key of each block below.
 */
export type Tree = {
  /** undefined: the tree is empty. */
  readonly root: Pointer | undefined
  /** The number of inner blocks from the root to a leaf, the root included: 0 if the root is a leaf. */
  readonly height: number
  /** The bytes of its blocks; the rest of the file belongs to older trees. */
  readonly liveBytes: number
}

export const emptyTree: Tree = { root: undefined, height: 0, liveBytes: 0 }

/** A text value and its key. */
export type TextEntry = { readonly key: Buffer; readonly value: string }

const pointerBytes = 16
const half = 2 ** 32

export const pointerValue = ({ offset, bytes, checksum }: Pointer): Buffer => {
  const value = Buffer.allocUnsafe(pointerBytes)
  value.writeUInt32LE(Math.floor(offset / half), 0)
  value.writeUInt32LE(offset % half, 4)
  value.writeUInt32LE(bytes, 8)
  value.writeInt32LE(checksum, 12)
  return value
}

/** The pointer to a lower block in entry `i` of an inner block. */
export const pointerIn = (block: Block, i: number): Pointer => {
  const value = valueIn(block, i)
  return {
    offset: value.readUInt32LE(0) * half + value.readUInt32LE(4),
    bytes: value.readUInt32LE(8),
    checksum: value.readInt32LE(12),
  }
}

/** The index of the child that covers `key`: the last one whose first key is not after it, or else the first. */
const childFor = (block: Block, key: Buffer): number => {
  const before = countBefore(block, key)
  return hasKey(block, before, key) ? before : Math.max(0, before - 1)
}

export const getText = (file: BlockFile, { root, height }: Tree, key: Buffer): string | undefined => {
  if (root === undefined) return undefined
  let block = file.read(root)
  for (let left = height; left > 0; left -= 1) block = file.read(pointerIn(block, childFor(block, key)))
  const i = countBefore(block, key)
  return hasKey(block, i, key) ? textIn(block, i) : undefined
}

/** The entries from `start`, in order. */
export const entriesFrom = function* (file: BlockFile, { root, height }: Tree, start: Buffer): Generator<TextEntry> {
  if (root !== undefined) yield* walk(file, file.read(root), height, start)
}

const walk = function* (file: BlockFile, block: Block, height: number, start: Buffer): Generator<TextEntry> {
  if (height === 0) {
    for (let i = countBefore(block, start); i < countIn(block); i += 1)
      yield { key: keyIn(block, i), value: textIn(block, i) }
    return
  }
  for (let i = childFor(block, start); i < countIn(block); i += 1)
    yield* walk(file, file.read(pointerIn(block, i)), height - 1, start)
}

/** The entries before `end`, in reverse order. */
export const entriesBefore = function* (file: BlockFile, { root, height }: Tree, end: Buffer): Generator<TextEntry> {
  if (root !== undefined) yield* walkBack(file, file.read(root), height, end)
}

const walkBack = function* (file: BlockFile, block: Block, height: number, end: Buffer): Generator<TextEntry> {
  if (height === 0) {
    for (let i = countBefore(block, end) - 1; i >= 0; i -= 1) yield { key: keyIn(block, i), value: textIn(block, i) }
    return
  }
  for (let i = childFor(block, end); i >= 0; i -= 1)
    yield* walkBack(file, file.read(pointerIn(block, i)), height - 1, end)
}

/** Verifies every block of a tree by reading it. */
export const verifyTree = (file: BlockFile, { root, height }: Tree): void => {
  if (root !== undefined) verifyUnder(file, root, height)
}

const verifyUnder = (file: BlockFile, pointer: Pointer, height: number): void => {
  const block = file.read(pointer)
  if (height > 0) for (let i = 0; i < countIn(block); i += 1) verifyUnder(file, pointerIn(block, i), height - 1)
}
