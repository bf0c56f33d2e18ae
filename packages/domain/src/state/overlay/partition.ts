import type { TaskId } from '../../values/scalars.ts'
import type { Index, Placed, Position, Rank, TableBase } from '../table.ts'

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
  readonly places: OrderedPlaces
  /** The part of the base that is unread; undefined: none. */
  unread: Unread | undefined
  /** The number of entries in the base. */
  readonly stored: number
  /** The number of entries, read or not. */
  count: number
}

type Unread = {
  readonly base: TableBase
  readonly index: Index
  readonly name: string
  /** Entries up to `front` are read, and entries from `back` on. */
  front: Position | undefined
  back: Position | undefined
  /** By the `seq` of the task: a partition has at most one entry for it. */
  readonly removed: Set<number>
  page: number
}

/** Page sizes in entries. They double with each page: a single claim needs one entry, a list all of them. */
const firstPage = 8
const largestPage = 256

/** Creates a partition that has the entries of `base`. */
export const openPartition = (base: TableBase | undefined, index: Index, name: string): Partition => {
  const count = base?.count(index, name) ?? 0
  const unread: Unread | undefined =
    base === undefined || count === 0
      ? undefined
      : { base, index, name, front: undefined, back: undefined, removed: new Set(), page: firstPage }
  return { places: orderedPlaces(), unread, stored: count, count }
}

export const insertPlace = (partition: Partition, placed: Placed): void => {
  if (insertPlaced(partition.places, placed)) partition.count += 1
}

/** Removes an entry, which must exist. */
export const removePlace = (partition: Partition, rank: Rank, seq: number): void => {
  if (!removePlaced(partition.places, rank, seq)) {
    if (partition.unread === undefined) return
    partition.unread.removed.add(seq)
  }
  partition.count -= 1
}

/** The first entry after a key, or of all if there is none. */
export const firstAfter = (partition: Partition, after?: Position): Placed | undefined => {
  for (;;) {
    const next = placedAfter(partition.places, after)
    const { unread } = partition
    if (unread === undefined || (next !== undefined && isReadThrough(unread, next))) return next
    readPage(partition, unread, 'front')
  }
}

/** The last entry before a key, or of all if there is none. */
const lastBefore = (partition: Partition, before?: Position): Placed | undefined => {
  for (;;) {
    const next = placedBefore(partition.places, before)
    const { unread } = partition
    if (unread === undefined || (next !== undefined && isReadFrom(unread, next))) return next
    readPage(partition, unread, 'back')
  }
}

/**
 * The tasks of a partition in order, up to a rank. It may change during iteration: each step seeks the next
 * entry.
 */
export const tasksThrough = function* (partition: Partition, through: Rank | undefined): Generator<TaskId> {
  for (let next = firstAfter(partition); next !== undefined; next = firstAfter(partition, next)) {
    if (through !== undefined && next.rank > through) return
    yield next.id
  }
}

/** The tasks of a partition in reverse order. */
export const tasksBackwards = function* (partition: Partition): Generator<TaskId> {
  for (let next = lastBefore(partition); next !== undefined; next = lastBefore(partition, next)) yield next.id
}

const isReadThrough = ({ front }: Unread, { rank, seq }: Position): boolean =>
  front !== undefined && !isBefore(front, rank, seq)

const isReadFrom = ({ back }: Unread, place: Position): boolean =>
  back !== undefined && !isBefore(place, back.rank, back.seq)

/** Reads one more page from one end of the unread part, up to the entries that were read from the other end. */
const readPage = (partition: Partition, unread: Unread, end: 'front' | 'back'): void => {
  const { base, index, name, page } = unread
  const isFront = end === 'front'
  const entries = isFront
    ? base.placesAfter(index, name, unread.front, page)
    : base.placesBefore(index, name, unread.back, page)
  const isMet = isFront ? isReadFrom : isReadThrough
  let met = entries.length < page
  for (const each of entries) {
    if (isMet(unread, each)) {
      met = true
      break
    }
    take(partition, unread, each)
    unread[end] = each
  }
  unread.page = Math.min(largestPage, page * 2)
  if (met) partition.unread = undefined
}

const take = ({ places }: Partition, { removed }: Unread, placed: Placed): void => {
  // An entry that was removed may have been inserted again since.
  if (!removed.delete(placed.seq)) insertPlaced(places, placed)
}

/**
 * Sorted entries in blocks of at most {@link mostInBlock}. Typical queue operations, insertion at the end and
 * removal from the front, touch one block; all others find their block by binary search. Plain data with
 * functions instead of a class or closures, as a table has one of these per partition and may have a million
 * partitions.
 */
export type OrderedPlaces = { readonly blocks: Array<Array<Placed>> }

export const mostInBlock = 256

export const orderedPlaces = (): OrderedPlaces => ({ blocks: [] })

/** True if `place` sorts before `rank` and `seq`. */
export const isBefore = (place: Position, rank: Rank, seq: number): boolean =>
  place.rank === rank ? place.seq < seq : place.rank < rank

const isAt = (place: Placed | undefined, rank: Rank, seq: number): boolean =>
  place !== undefined && place.seq === seq && place.rank === rank

/** Inserts an entry; false if it exists. */
export const insertPlaced = ({ blocks }: OrderedPlaces, placed: Placed): boolean => {
  const { rank, seq } = placed
  const at = blockOf(blocks, rank, seq)
  const block = blocks[at]
  if (block === undefined) {
    blocks.push([placed])
    return true
  }
  const i = firstNotBefore(block, rank, seq)
  if (isAt(block[i], rank, seq)) return false
  if (i === block.length) block.push(placed)
  else block.splice(i, 0, placed)
  if (block.length <= mostInBlock) return true
  // Insertion at the end leaves full blocks; anywhere else the block is split in half.
  const isAtEnd = at === blocks.length - 1 && i === block.length - 1
  blocks.splice(at + 1, 0, block.splice(isAtEnd ? mostInBlock : mostInBlock >> 1))
  return true
}

/** Removes an entry; false if it does not exist. */
export const removePlaced = ({ blocks }: OrderedPlaces, rank: Rank, seq: number): boolean => {
  const at = blockOf(blocks, rank, seq)
  const block = blocks[at]
  if (block === undefined) return false
  const i = firstNotBefore(block, rank, seq)
  if (!isAt(block[i], rank, seq)) return false
  if (i === 0) block.shift()
  else if (i === block.length - 1) block.pop()
  else block.splice(i, 1)
  if (block.length === 0) blocks.splice(at, 1)
  return true
}

/** The first entry after a key, or of all if there is none. */
export const placedAfter = ({ blocks }: OrderedPlaces, after: Position | undefined): Placed | undefined => {
  if (after === undefined) return blocks[0]?.[0]
  const at = blockOf(blocks, after.rank, after.seq)
  const block = blocks[at]
  if (block === undefined) return undefined
  const i = firstNotBefore(block, after.rank, after.seq)
  const next = isAt(block[i], after.rank, after.seq) ? i + 1 : i
  return next < block.length ? block[next] : blocks[at + 1]?.[0]
}

/** The last entry before a key, or of all if there is none. */
export const placedBefore = ({ blocks }: OrderedPlaces, before: Position | undefined): Placed | undefined => {
  if (before === undefined) return blocks.at(-1)?.at(-1)
  const at = blockOf(blocks, before.rank, before.seq)
  const block = blocks[at]
  if (block === undefined) return undefined
  const i = firstNotBefore(block, before.rank, before.seq)
  return i > 0 ? block[i - 1] : blocks[at - 1]?.at(-1)
}

/** Returns the number of the last block that does not start after a key, or 0. */
const blockOf = (blocks: ReadonlyArray<ReadonlyArray<Placed>>, rank: Rank, seq: number): number => {
  let low = 0
  let high = blocks.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const first = blocks[middle]?.[0]
    if (first !== undefined && (isBefore(first, rank, seq) || isAt(first, rank, seq))) low = middle
    else high = middle - 1
  }
  return low
}

const firstNotBefore = (block: ReadonlyArray<Placed>, rank: Rank, seq: number): number => {
  const last = block[block.length - 1]
  if (last === undefined || isBefore(last, rank, seq)) return block.length
  let low = 0
  let high = block.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const place = block[middle]
    if (place !== undefined && isBefore(place, rank, seq)) low = middle + 1
    else high = middle
  }
  return low
}
