import { type Block, findKeyIndex, countEntries, hasKey, readKey, readText, readValue } from './block.ts'
import type { BlockFile, BlockPointer } from './block-file.ts'

/**
 * A B+ tree of blocks that are written once. A change writes the blocks that differ, up to a new root, and leaves the
 * others where they are (copy-on-write, as in a Merkle tree): every pointer to a block has its checksum, so the pointer
 * to the root covers every byte of the tree. Inner blocks contain the first key of each block below.
 */
export type Tree = {
  /** undefined: the tree is empty. */
  readonly root: BlockPointer | undefined
  /** The number of inner blocks from the root to a leaf, the root included: 0 if the root is a leaf. */
  readonly height: number
  /** The bytes of its blocks; the rest of the file belongs to older trees. */
  readonly liveBytes: number
}

export const emptyTree: Tree = { root: undefined, height: 0, liveBytes: 0 }

/** A text value and its key. */
export type TextEntry = { readonly key: Buffer; readonly value: string }

const pointerBytes = 16
const uint32Range = 2 ** 32

export const encodePointer = ({ offset, bytes, checksum }: BlockPointer): Buffer => {
  const value = Buffer.allocUnsafe(pointerBytes)
  value.writeUInt32LE(Math.floor(offset / uint32Range), 0)
  value.writeUInt32LE(offset % uint32Range, 4)
  value.writeUInt32LE(bytes, 8)
  value.writeInt32LE(checksum, 12)
  return value
}

/** The pointer to a lower block in entry `i` of an inner block. */
export const decodePointer = (block: Block, i: number): BlockPointer => {
  const value = readValue(block, i)
  return {
    offset: value.readUInt32LE(0) * uint32Range + value.readUInt32LE(4),
    bytes: value.readUInt32LE(8),
    checksum: value.readInt32LE(12),
  }
}

/** The index of the child that covers `key`: the last one whose first key is not after it, or else the first. */
const findChildIndex = (block: Block, key: Buffer): number => {
  const keyIndex = findKeyIndex(block, key)
  return hasKey(block, keyIndex, key) ? keyIndex : Math.max(0, keyIndex - 1)
}

export const getText = (file: BlockFile, { root, height }: Tree, key: Buffer): string | undefined => {
  if (root === undefined) return undefined
  let block = file.read(root)
  for (let remainingHeight = height; remainingHeight > 0; remainingHeight -= 1)
    block = file.read(decodePointer(block, findChildIndex(block, key)))
  const i = findKeyIndex(block, key)
  return hasKey(block, i, key) ? readText(block, i) : undefined
}

/** The entries from `start`, in order. */
export const iterateForward = function* (file: BlockFile, { root, height }: Tree, start: Buffer): Generator<TextEntry> {
  if (root !== undefined) yield* walkForward(file, file.read(root), height, start)
}

const walkForward = function* (file: BlockFile, block: Block, height: number, start: Buffer): Generator<TextEntry> {
  if (height === 0) {
    for (let i = findKeyIndex(block, start); i < countEntries(block); i += 1)
      yield { key: readKey(block, i), value: readText(block, i) }
    return
  }
  for (let i = findChildIndex(block, start); i < countEntries(block); i += 1)
    yield* walkForward(file, file.read(decodePointer(block, i)), height - 1, start)
}

/** The entries before `end`, in reverse order. */
export const iterateBackward = function* (file: BlockFile, { root, height }: Tree, end: Buffer): Generator<TextEntry> {
  if (root !== undefined) yield* walkBackward(file, file.read(root), height, end)
}

const walkBackward = function* (file: BlockFile, block: Block, height: number, end: Buffer): Generator<TextEntry> {
  if (height === 0) {
    for (let i = findKeyIndex(block, end) - 1; i >= 0; i -= 1)
      yield { key: readKey(block, i), value: readText(block, i) }
    return
  }
  for (let i = findChildIndex(block, end); i >= 0; i -= 1)
    yield* walkBackward(file, file.read(decodePointer(block, i)), height - 1, end)
}

/** Verifies every block of a tree by reading it. */
export const verifyTree = (file: BlockFile, { root, height }: Tree): void => {
  if (root !== undefined) verifySubtree(file, root, height)
}

const verifySubtree = (file: BlockFile, pointer: BlockPointer, height: number): void => {
  const block = file.read(pointer)
  if (height > 0)
    for (let i = 0; i < countEntries(block); i += 1) verifySubtree(file, decodePointer(block, i), height - 1)
}
