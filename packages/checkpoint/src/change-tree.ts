import { type Block, blockOf, countIn, entriesIn, type Entry, entryBytes, keyTextIn } from './block.ts'
import type { BlockAppender, BlockFile, Pointer } from './block-file.ts'
import { pointerIn, pointerValue, type Tree } from './tree.ts'

/** The new value of a key; undefined: the key is removed. */
export type Change = { readonly key: string; readonly value: string | undefined }

/**
 * The maximum size of a block, unless a single entry is larger: the cost of a claim grows with each byte that it reads.
 */
const blockBytesMax = 2048

/**
 * The update of a tree: the file that it reads, the file that it writes, and the change in the bytes of live blocks.
 */
type Changing = {
  readonly from: BlockFile
  readonly to: BlockAppender
  bytesMore: number
}

/**
 * Applies `changes`, which are in order, each key once, and returns the new tree. Costs only what differs: unchanged
 * blocks are not read.
 */
export const changeTree = (from: BlockFile, to: BlockAppender, tree: Tree, changes: ReadonlyArray<Change>): Tree => {
  const changing: Changing = { from, to, bytesMore: 0 }
  const entries =
    tree.root === undefined
      ? merged([], changes)
      : entriesAfter(changing, tree.root, tree.height, changes, { from: 0, to: changes.length })
  const { root, height } = rootOver(changing, entries, tree.height)
  return { root, height, liveBytes: tree.liveBytes + changing.bytesMore }
}

/** A range of the changes. */
type Part = { readonly from: number; readonly to: number }

/** The entries of the block at `pointer` after its range of the changes, however many they are. */
const entriesAfter = (
  changing: Changing,
  pointer: Pointer,
  height: number,
  changes: ReadonlyArray<Change>,
  part: Part,
): ReadonlyArray<Entry> => {
  const block = changing.from.read(pointer)
  changing.bytesMore -= pointer.bytes
  if (height === 0) return merged(entriesIn(block), changes.slice(part.from, part.to))
  const entries: Array<Entry> = []
  // Neighbouring blocks that change become one run of entries, so that small ones are merged.
  let run: Array<Entry> = []
  const endRun = (): void => {
    for (const entry of written(changing, run)) entries.push(entry)
    run = []
  }
  let at = part.from
  for (let i = 0; i < countIn(block); i += 1) {
    const to = i + 1 < countIn(block) ? firstFrom(changes, keyTextIn(block, i + 1), { from: at, to: part.to }) : part.to
    const child = pointerIn(block, i)
    if (to === at) {
      endRun()
      entries.push({ key: keyTextIn(block, i), value: pointerValue(child) })
    } else for (const entry of entriesAfter(changing, child, height - 1, changes, { from: at, to })) run.push(entry)
    at = to
  }
  endRun()
  return entries
}

/** The index of the first change in the range whose key is not before `key`. */
const firstFrom = (changes: ReadonlyArray<Change>, key: string, part: Part): number => {
  let [low, high] = [part.from, part.to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((changes[middle] as Change).key < key) low = middle + 1
    else high = middle
  }
  return low
}

const merged = (entries: ReadonlyArray<Entry>, changes: ReadonlyArray<Change>): ReadonlyArray<Entry> => {
  const all: Array<Entry> = []
  let i = 0
  for (const { key, value } of changes) {
    for (; i < entries.length && (entries[i] as Entry).key < key; i += 1) all.push(entries[i] as Entry)
    if (entries[i]?.key === key) i += 1
    if (value !== undefined) all.push({ key, value })
  }
  for (; i < entries.length; i += 1) all.push(entries[i] as Entry)
  return all
}

/** Writes these entries to blocks of about equal size, and returns the entries that point to the blocks. */
const written = (changing: Changing, entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  let bytes = 0
  for (const entry of entries) bytes += entryBytes(entry)
  const full = bytes / Math.ceil(bytes / blockBytesMax)
  const pointers: Array<Entry> = []
  let filled = 0
  let from = 0
  const end = (to: number): void => {
    pointers.push(append(changing, entries.slice(from, to)))
    from = to
    filled = 0
  }
  entries.forEach((entry, i) => {
    const more = entryBytes(entry)
    if (filled >= full || (filled > 0 && filled + more > blockBytesMax)) end(i)
    filled += more
  })
  if (filled > 0) end(entries.length)
  return pointers
}

const append = (changing: Changing, entries: ReadonlyArray<Entry>): Entry => {
  const block = blockOf(entries)
  changing.bytesMore += block.bytes.length
  return { key: keyTextIn(block, 0), value: pointerValue(changing.to.append(block)) }
}

/**
 * Builds the root over the new entries of the old root at `height`: more levels if they are many, fewer if there is
 * one.
 */
const rootOver = (changing: Changing, entries: ReadonlyArray<Entry>, height: number): Omit<Tree, 'liveBytes'> => {
  let blocks = written(changing, entries)
  let levels = height
  while (blocks.length > 1) {
    blocks = written(changing, blocks)
    levels += 1
  }
  const [root] = blocks
  return root === undefined ? { root: undefined, height: 0 } : { root: pointerOf(root), height: levels }
}

const pointerOf = (entry: Entry): Pointer => pointerIn(blockOf([entry]), 0)

/** Copies a tree without the blocks of older trees; small neighbouring leaves are merged. */
export const copyTree = (from: BlockFile, to: BlockAppender, { root, height }: Tree): Tree => {
  if (root === undefined) return { root, height: 0, liveBytes: 0 }
  const changing: Changing = { from, to, bytesMore: 0 }
  const pointers: Array<Entry> = []
  let waiting: Block | undefined
  const flush = (): void => {
    if (waiting === undefined) return
    changing.bytesMore += waiting.bytes.length
    pointers.push({ key: keyTextIn(waiting, 0), value: pointerValue(to.append(waiting)) })
  }
  for (const leaf of leavesUnder(from, root, height)) {
    if (waiting !== undefined && waiting.bytes.length + leaf.bytes.length <= blockBytesMax)
      waiting = blockOf([...entriesIn(waiting), ...entriesIn(leaf)])
    else {
      flush()
      waiting = leaf
    }
  }
  flush()
  const { root: copied, height: levels } = overLeaves(changing, pointers)
  return { root: copied, height: levels, liveBytes: changing.bytesMore }
}

const overLeaves = (changing: Changing, pointers: ReadonlyArray<Entry>): Omit<Tree, 'liveBytes'> => {
  const [only] = pointers
  return pointers.length === 1 && only !== undefined
    ? { root: pointerOf(only), height: 0 }
    : rootOver(changing, pointers, 1)
}

const leavesUnder = function* (file: BlockFile, pointer: Pointer, height: number): Generator<Block> {
  const block = file.read(pointer)
  if (height === 0) yield block
  else for (let i = 0; i < countIn(block); i += 1) yield* leavesUnder(file, pointerIn(block, i), height - 1)
}
