import {
  insertPlaced,
  isBefore,
  type OrderedPlaces,
  orderedPlaces,
  placedAfter,
  placedBefore,
  removePlaced,
} from './sorted-blocks.ts'
import type { Index, Placed, Position, Rank, TableBase } from '../table.ts'
import type { TaskId } from '../../values/scalars.ts'

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
