import type { TaskId } from '../../values/scalars.ts'
import type { Index, IndexedTask, IndexKey, Rank, StoredTable } from '../table.ts'

/**
 * One partition of an index: the entries in memory, over those of a base that were not read yet.
 *
 * ```
 *   start ──► read ──► front   unread   back ◄── read ◄── end        `removed`: unread entries that were deleted
 * ```
 *
 * The base is read in pages from either end, on demand. Reading the first entries costs the same however many
 * entries there are and however many were removed before.
 */
export type Partition = {
  readonly entries: SortedBlocks
  /** The part of the base that is unread; undefined: none. */
  unread: UnreadRange | undefined
  /** The number of entries in the base. */
  readonly storedCount: number
  /** The number of entries, read or not. */
  count: number
}

type UnreadRange = {
  readonly base: StoredTable
  readonly index: Index
  readonly name: string
  /** Entries up to `front` are read, and entries from `back` on. */
  front: IndexKey | undefined
  back: IndexKey | undefined
  /** By the `seq` of the task: a partition has at most one entry for it. */
  readonly removed: Set<number>
  pageSize: number
}

/** Page sizes in entries. They double with each page: a single claim needs one entry, a list all of them. */
const pageSizeMin = 8
const pageSizeMax = 256

/** Creates a partition that has the entries of `base`. */
export const openPartition = (base: StoredTable | undefined, index: Index, name: string): Partition => {
  const count = base?.count(index, name) ?? 0
  const unread: UnreadRange | undefined =
    base === undefined || count === 0
      ? undefined
      : { base, index, name, front: undefined, back: undefined, removed: new Set(), pageSize: pageSizeMin }
  return { entries: sortedBlocks(), unread, storedCount: count, count }
}

export const insertEntry = (partition: Partition, entry: IndexedTask): void => {
  if (insertInBlocks(partition.entries, entry)) partition.count += 1
}

/** Removes an entry, which must exist. */
export const removeEntry = (partition: Partition, rank: Rank, seq: number): void => {
  if (!removeFromBlocks(partition.entries, rank, seq)) {
    if (partition.unread === undefined) return
    partition.unread.removed.add(seq)
  }
  partition.count -= 1
}

/** The first entry after a key, or of all if there is none. */
export const nextEntry = (partition: Partition, after?: IndexKey): IndexedTask | undefined => {
  for (;;) {
    const next = nextInBlocks(partition.entries, after)
    const { unread } = partition
    if (unread === undefined || (next !== undefined && isInFront(unread, next))) return next
    readPage(partition, unread, 'front')
  }
}

/** The last entry before a key, or of all if there is none. */
const previousEntry = (partition: Partition, before?: IndexKey): IndexedTask | undefined => {
  for (;;) {
    const next = previousInBlocks(partition.entries, before)
    const { unread } = partition
    if (unread === undefined || (next !== undefined && isInBack(unread, next))) return next
    readPage(partition, unread, 'back')
  }
}

/**
 * The tasks of a partition in order, up to a rank. It may change during iteration: each step seeks the next
 * entry.
 */
export const tasksUntilRank = function* (partition: Partition, through: Rank | undefined): Generator<TaskId> {
  for (let next = nextEntry(partition); next !== undefined; next = nextEntry(partition, next)) {
    if (through !== undefined && next.rank > through) return
    yield next.id
  }
}

/** The tasks of a partition in reverse order. */
export const reverseTasks = function* (partition: Partition): Generator<TaskId> {
  for (let next = previousEntry(partition); next !== undefined; next = previousEntry(partition, next)) yield next.id
}

const isInFront = ({ front }: UnreadRange, { rank, seq }: IndexKey): boolean =>
  front !== undefined && !precedes(front, rank, seq)

const isInBack = ({ back }: UnreadRange, entry: IndexKey): boolean =>
  back !== undefined && !precedes(entry, back.rank, back.seq)

/** Reads one more page from one end of the unread part, up to the entries that were read from the other end. */
const readPage = (partition: Partition, unread: UnreadRange, end: 'front' | 'back'): void => {
  const { base, index, name, pageSize } = unread
  const isFront = end === 'front'
  const entries = isFront
    ? base.readForward(index, name, unread.front, pageSize)
    : base.readBackward(index, name, unread.back, pageSize)
  const isRead = isFront ? isInBack : isInFront
  let isFullyRead = entries.length < pageSize
  for (const entry of entries) {
    if (isRead(unread, entry)) {
      isFullyRead = true
      break
    }
    addStoredEntry(partition, unread, entry)
    unread[end] = entry
  }
  unread.pageSize = Math.min(pageSizeMax, pageSize * 2)
  if (isFullyRead) partition.unread = undefined
}

const addStoredEntry = ({ entries }: Partition, { removed }: UnreadRange, entry: IndexedTask): void => {
  // An entry that was removed may have been inserted again since.
  if (!removed.delete(entry.seq)) insertInBlocks(entries, entry)
}

/**
 * Sorted entries in blocks of at most {@link blockEntriesMax}. Typical queue operations, insertion at the end and
 * removal from the front, touch one block; all others find their block by binary search. Plain data with
 * functions instead of a class or closures, as a table has one of these per partition and may have a million
 * partitions.
 */
export type SortedBlocks = { readonly blocks: Array<Array<IndexedTask>> }

export const blockEntriesMax = 256

export const sortedBlocks = (): SortedBlocks => ({ blocks: [] })

/** True if `entry` sorts before `rank` and `seq`. */
export const precedes = (entry: IndexKey, rank: Rank, seq: number): boolean =>
  entry.rank === rank ? entry.seq < seq : entry.rank < rank

const hasKey = (entry: IndexedTask | undefined, rank: Rank, seq: number): boolean =>
  entry !== undefined && entry.seq === seq && entry.rank === rank

/** Inserts an entry; false if it exists. */
export const insertInBlocks = ({ blocks }: SortedBlocks, entry: IndexedTask): boolean => {
  const { rank, seq } = entry
  const blockIndex = findBlock(blocks, rank, seq)
  const block = blocks[blockIndex]
  if (block === undefined) {
    blocks.push([entry])
    return true
  }
  const i = lowerBound(block, rank, seq)
  if (hasKey(block[i], rank, seq)) return false
  if (i === block.length) block.push(entry)
  else block.splice(i, 0, entry)
  if (block.length <= blockEntriesMax) return true
  // Insertion at the end leaves full blocks; anywhere else the block is split in half.
  const isAtEnd = blockIndex === blocks.length - 1 && i === block.length - 1
  blocks.splice(blockIndex + 1, 0, block.splice(isAtEnd ? blockEntriesMax : blockEntriesMax >> 1))
  return true
}

/** Removes an entry; false if it does not exist. */
export const removeFromBlocks = ({ blocks }: SortedBlocks, rank: Rank, seq: number): boolean => {
  const blockIndex = findBlock(blocks, rank, seq)
  const block = blocks[blockIndex]
  if (block === undefined) return false
  const i = lowerBound(block, rank, seq)
  if (!hasKey(block[i], rank, seq)) return false
  if (i === 0) block.shift()
  else if (i === block.length - 1) block.pop()
  else block.splice(i, 1)
  if (block.length === 0) blocks.splice(blockIndex, 1)
  return true
}

/** The first entry after a key, or of all if there is none. */
export const nextInBlocks = ({ blocks }: SortedBlocks, after: IndexKey | undefined): IndexedTask | undefined => {
  if (after === undefined) return blocks[0]?.[0]
  const blockIndex = findBlock(blocks, after.rank, after.seq)
  const block = blocks[blockIndex]
  if (block === undefined) return undefined
  const i = lowerBound(block, after.rank, after.seq)
  const next = hasKey(block[i], after.rank, after.seq) ? i + 1 : i
  return next < block.length ? block[next] : blocks[blockIndex + 1]?.[0]
}

/** The last entry before a key, or of all if there is none. */
export const previousInBlocks = ({ blocks }: SortedBlocks, before: IndexKey | undefined): IndexedTask | undefined => {
  if (before === undefined) return blocks.at(-1)?.at(-1)
  const blockIndex = findBlock(blocks, before.rank, before.seq)
  const block = blocks[blockIndex]
  if (block === undefined) return undefined
  const i = lowerBound(block, before.rank, before.seq)
  return i > 0 ? block[i - 1] : blocks[blockIndex - 1]?.at(-1)
}

/** Returns the number of the last block that does not start after a key, or 0. */
const findBlock = (blocks: ReadonlyArray<ReadonlyArray<IndexedTask>>, rank: Rank, seq: number): number => {
  let low = 0
  let high = blocks.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const first = blocks[middle]?.[0]
    if (first !== undefined && (precedes(first, rank, seq) || hasKey(first, rank, seq))) low = middle
    else high = middle - 1
  }
  return low
}

const lowerBound = (block: ReadonlyArray<IndexedTask>, rank: Rank, seq: number): number => {
  const last = block[block.length - 1]
  if (last === undefined || precedes(last, rank, seq)) return block.length
  let low = 0
  let high = block.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = block[middle]
    if (entry !== undefined && precedes(entry, rank, seq)) low = middle + 1
    else high = middle
  }
  return low
}
