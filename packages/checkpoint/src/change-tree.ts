import {
  type Block,
  buildBlock,
  countEntries,
  readEntries,
  type BlockEntry,
  measureEntry,
  readKeyText,
} from './block.ts'
import type { BlockAppender, BlockFile, BlockPointer } from './block-file.ts'
import { decodePointer, encodePointer, type Tree } from './tree.ts'

/** The new value of a key; undefined: the key is removed. */
export type KeyChange = { readonly key: string; readonly value: string | undefined }

/**
 * The maximum size of a block, unless a single entry is larger: the cost of a claim grows with each byte that it reads.
 */
const blockBytesMax = 2048

/**
 * The update of a tree: the file that it reads, the file that it writes, and the change in the bytes of live blocks.
 */
type TreeUpdate = {
  readonly source: BlockFile
  readonly target: BlockAppender
  liveBytesDelta: number
}

/**
 * Applies `changes`, which are in order, each key once, and returns the new tree. Costs only what differs: unchanged
 * blocks are not read.
 */
export const changeTree = (
  source: BlockFile,
  target: BlockAppender,
  tree: Tree,
  changes: ReadonlyArray<KeyChange>,
): Tree => {
  const update: TreeUpdate = { source, target, liveBytesDelta: 0 }
  const entries =
    tree.root === undefined
      ? mergeEntries([], changes)
      : updateBlock(update, tree.root, tree.height, changes, { from: 0, to: changes.length })
  const { root, height } = buildRoot(update, entries, tree.height)
  return { root, height, liveBytes: tree.liveBytes + update.liveBytesDelta }
}

/** A range of the changes. */
type ChangeRange = { readonly from: number; readonly to: number }

/** The entries of the block at `pointer` after its range of the changes, however many they are. */
const updateBlock = (
  update: TreeUpdate,
  pointer: BlockPointer,
  height: number,
  changes: ReadonlyArray<KeyChange>,
  range: ChangeRange,
): ReadonlyArray<BlockEntry> => {
  const block = update.source.read(pointer)
  update.liveBytesDelta -= pointer.bytes
  if (height === 0) return mergeEntries(readEntries(block), changes.slice(range.from, range.to))
  const entries: Array<BlockEntry> = []
  // Neighbouring blocks that change become one run of entries, so that small ones are merged.
  let run: Array<BlockEntry> = []
  const endRun = (): void => {
    for (const entry of writeBlocks(update, run)) entries.push(entry)
    run = []
  }
  let from = range.from
  for (let i = 0; i < countEntries(block); i += 1) {
    const to =
      i + 1 < countEntries(block)
        ? findFirstChange(changes, readKeyText(block, i + 1), { from, to: range.to })
        : range.to
    const child = decodePointer(block, i)
    if (to === from) {
      endRun()
      entries.push({ key: readKeyText(block, i), value: encodePointer(child) })
    } else for (const entry of updateBlock(update, child, height - 1, changes, { from, to })) run.push(entry)
    from = to
  }
  endRun()
  return entries
}

/** The index of the first change in the range whose key is not before `key`. */
const findFirstChange = (changes: ReadonlyArray<KeyChange>, key: string, range: ChangeRange): number => {
  let [low, high] = [range.from, range.to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((changes[middle] as KeyChange).key < key) low = middle + 1
    else high = middle
  }
  return low
}

const mergeEntries = (
  entries: ReadonlyArray<BlockEntry>,
  changes: ReadonlyArray<KeyChange>,
): ReadonlyArray<BlockEntry> => {
  const all: Array<BlockEntry> = []
  let i = 0
  for (const { key, value } of changes) {
    for (; i < entries.length && (entries[i] as BlockEntry).key < key; i += 1) all.push(entries[i] as BlockEntry)
    if (entries[i]?.key === key) i += 1
    if (value !== undefined) all.push({ key, value })
  }
  for (; i < entries.length; i += 1) all.push(entries[i] as BlockEntry)
  return all
}

/** Writes these entries to blocks of about equal size, and returns the entries that point to the blocks. */
const writeBlocks = (update: TreeUpdate, entries: ReadonlyArray<BlockEntry>): ReadonlyArray<BlockEntry> => {
  let bytes = 0
  for (const entry of entries) bytes += measureEntry(entry)
  const fullBytes = bytes / Math.ceil(bytes / blockBytesMax)
  const pointers: Array<BlockEntry> = []
  let filledBytes = 0
  let from = 0
  const endBlock = (to: number): void => {
    pointers.push(appendBlock(update, entries.slice(from, to)))
    from = to
    filledBytes = 0
  }
  entries.forEach((entry, i) => {
    const entryBytes = measureEntry(entry)
    if (filledBytes >= fullBytes || (filledBytes > 0 && filledBytes + entryBytes > blockBytesMax)) endBlock(i)
    filledBytes += entryBytes
  })
  if (filledBytes > 0) endBlock(entries.length)
  return pointers
}

const appendBlock = (update: TreeUpdate, entries: ReadonlyArray<BlockEntry>): BlockEntry => {
  const block = buildBlock(entries)
  update.liveBytesDelta += block.bytes.length
  return { key: readKeyText(block, 0), value: encodePointer(update.target.append(block)) }
}

/**
 * Builds the root over the new entries of the old root at `height`: more levels if they are many, fewer if there is
 * one.
 */
const buildRoot = (update: TreeUpdate, entries: ReadonlyArray<BlockEntry>, height: number): Omit<Tree, 'liveBytes'> => {
  let blocks = writeBlocks(update, entries)
  let levels = height
  while (blocks.length > 1) {
    blocks = writeBlocks(update, blocks)
    levels += 1
  }
  const [root] = blocks
  return root === undefined ? { root: undefined, height: 0 } : { root: toPointer(root), height: levels }
}

const toPointer = (entry: BlockEntry): BlockPointer => decodePointer(buildBlock([entry]), 0)

/** Copies a tree without the blocks of older trees; small neighbouring leaves are merged. */
export const copyTree = (source: BlockFile, target: BlockAppender, { root, height }: Tree): Tree => {
  if (root === undefined) return { root, height: 0, liveBytes: 0 }
  const update: TreeUpdate = { source, target, liveBytesDelta: 0 }
  const pointers: Array<BlockEntry> = []
  let pendingLeaf: Block | undefined
  const flush = (): void => {
    if (pendingLeaf === undefined) return
    update.liveBytesDelta += pendingLeaf.bytes.length
    pointers.push({ key: readKeyText(pendingLeaf, 0), value: encodePointer(target.append(pendingLeaf)) })
  }
  for (const leaf of iterateLeaves(source, root, height)) {
    if (pendingLeaf !== undefined && pendingLeaf.bytes.length + leaf.bytes.length <= blockBytesMax)
      pendingLeaf = buildBlock([...readEntries(pendingLeaf), ...readEntries(leaf)])
    else {
      flush()
      pendingLeaf = leaf
    }
  }
  flush()
  const { root: copiedRoot, height: levels } = buildRootFromLeaves(update, pointers)
  return { root: copiedRoot, height: levels, liveBytes: update.liveBytesDelta }
}

const buildRootFromLeaves = (update: TreeUpdate, pointers: ReadonlyArray<BlockEntry>): Omit<Tree, 'liveBytes'> => {
  const [only] = pointers
  return pointers.length === 1 && only !== undefined
    ? { root: toPointer(only), height: 0 }
    : buildRoot(update, pointers, 1)
}

const iterateLeaves = function* (file: BlockFile, pointer: BlockPointer, height: number): Generator<Block> {
  const block = file.read(pointer)
  if (height === 0) yield block
  else for (let i = 0; i < countEntries(block); i += 1) yield* iterateLeaves(file, decodePointer(block, i), height - 1)
}
