import type { TaskId } from '../../values/scalars.ts'
import type { Index, Placed, Position, Rank, TableBase } from '../table.ts'

/**
 * One partition of an index: the places in memory, over those of a base that were not read yet.
 *
 * ```
 *   front ──► read ──► unread ◄── read ◄── back        `removed` are unread and gone
 * ```
 *
 * The base is read in pages, from whichever end is asked for, so that the head of an order costs the same however long it
 * is and however much was taken from it.
 */
export type Partition = {
  readonly places: OrderedPlaces
  /** What of the base is unread; undefined: nothing. */
  unread: Unread | undefined
  /** How many places the base has. */
  readonly stored: number
  /** How many places there are, read or not. */
  count: number
}

type Unread = {
  readonly base: TableBase
  readonly index: Index
  readonly name: string
  /** All up to here is read, and all from there on. */
  front: Position | undefined
  back: Position | undefined
  /** By the `seq` of the task: a partition has at most one place for it. */
  readonly removed: Set<number>
  page: number
}

/** A page grows as more are read: a single claim needs one place, a list all of them. */
const firstPage = 8
const largestPage = 256

/** A partition with nothing in it yet but what `base` has. */
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

/** Takes a place out that is in the partition. */
export const removePlace = (partition: Partition, rank: Rank, seq: number): void => {
  if (!removePlaced(partition.places, rank, seq)) {
    if (partition.unread === undefined) return
    partition.unread.removed.add(seq)
  }
  partition.count -= 1
}

/** The first place after a position; of all, where none is given. */
export const firstAfter = (partition: Partition, after?: Position): Placed | undefined => {
  for (;;) {
    const next = placedAfter(partition.places, after)
    const { unread } = partition
    if (unread === undefined || (next !== undefined && isReadThrough(unread, next))) return next
    readPage(partition, unread, 'front')
  }
}

/** The last place before a position; of all, where none is given. */
const lastBefore = (partition: Partition, before?: Position): Placed | undefined => {
  for (;;) {
    const next = placedBefore(partition.places, before)
    const { unread } = partition
    if (unread === undefined || (next !== undefined && isReadFrom(unread, next))) return next
    readPage(partition, unread, 'back')
  }
}

/** The tasks of a partition in order, up to a rank. It may change between two steps: each seeks the next place anew. */
export const tasksThrough = function* (partition: Partition, through: Rank | undefined): Generator<TaskId> {
  for (let next = firstAfter(partition); next !== undefined; next = firstAfter(partition, next)) {
    if (through !== undefined && next.rank > through) return
    yield next.id
  }
}

/** The tasks of a partition from its end. */
export const tasksBackwards = function* (partition: Partition): Generator<TaskId> {
  for (let next = lastBefore(partition); next !== undefined; next = lastBefore(partition, next)) yield next.id
}

const isReadThrough = ({ front }: Unread, { rank, seq }: Position): boolean =>
  front !== undefined && !isBefore(front, rank, seq)

const isReadFrom = ({ back }: Unread, place: Position): boolean =>
  back !== undefined && !isBefore(place, back.rank, back.seq)

/** Reads one more page of what is unread, from one of its ends, until it meets what was read from the other. */
const readPage = (partition: Partition, unread: Unread, end: 'front' | 'back'): void => {
  const { base, index, name, page } = unread
  const isFront = end === 'front'
  const placed = isFront
    ? base.placesAfter(index, name, unread.front, page)
    : base.placesBefore(index, name, unread.back, page)
  const isMet = isFront ? isReadFrom : isReadThrough
  let met = placed.length < page
  for (const each of placed) {
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
  // What was removed may have come back since, as a place of our own.
  if (!removed.delete(placed.seq)) insertPlaced(places, placed)
}

/**
 * Places in order, in blocks of at most {@link mostInBlock}. What a queue does, adding at the end and taking from the front,
 * touches one block; anything else finds its block by halving. Data and functions over it, as a table has one of these for
 * each partition, and may have a million.
 */
export type OrderedPlaces = { readonly blocks: Array<Array<Placed>> }

export const mostInBlock = 256

export const orderedPlaces = (): OrderedPlaces => ({ blocks: [] })

/** Whether the place comes before `rank` and `seq`. */
export const isBefore = (place: Position, rank: Rank, seq: number): boolean =>
  place.rank === rank ? place.seq < seq : place.rank < rank

const isAt = (place: Placed | undefined, rank: Rank, seq: number): boolean =>
  place !== undefined && place.seq === seq && place.rank === rank

/** Adds a place; false: it was there. */
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
  // What is added at the end leaves full blocks behind; anywhere else the block is halved.
  const isAtEnd = at === blocks.length - 1 && i === block.length - 1
  blocks.splice(at + 1, 0, block.splice(isAtEnd ? mostInBlock : mostInBlock >> 1))
  return true
}

/** Takes a place out; false: it was not there. */
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

/** The first place after a position; of all, where none is given. */
export const placedAfter = ({ blocks }: OrderedPlaces, after: Position | undefined): Placed | undefined => {
  if (after === undefined) return blocks[0]?.[0]
  const at = blockOf(blocks, after.rank, after.seq)
  const block = blocks[at]
  if (block === undefined) return undefined
  const i = firstNotBefore(block, after.rank, after.seq)
  const next = isAt(block[i], after.rank, after.seq) ? i + 1 : i
  return next < block.length ? block[next] : blocks[at + 1]?.[0]
}

/** The last place before a position; of all, where none is given. */
export const placedBefore = ({ blocks }: OrderedPlaces, before: Position | undefined): Placed | undefined => {
  if (before === undefined) return blocks.at(-1)?.at(-1)
  const at = blockOf(blocks, before.rank, before.seq)
  const block = blocks[at]
  if (block === undefined) return undefined
  const i = firstNotBefore(block, before.rank, before.seq)
  return i > 0 ? block[i - 1] : blocks[at - 1]?.at(-1)
}

/** The last block that does not start after a position, or the first. */
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
