import type { TaskId } from '../../values/names.ts'
import {
  insertPlaced,
  isBefore,
  type OrderedPlaces,
  orderedPlaces,
  placedAfter,
  placedBefore,
  removePlaced,
} from './sorted-blocks.ts'
import type { Index, Placed, Position, Rank, TableBase, Way } from '../table.ts'

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

const pageSize = 256

/**
 * The tasks of a partition beyond a position, on one of the two ways. Nothing is kept of what they are read from, nor is
 * anything read of what lies before: whoever turns to page thousand of a list pays for that page. The partition must not
 * change meanwhile.
 */
export const tasksBeyond = function* (partition: Partition, position: Position, way: Way): Generator<TaskId> {
  const next = way === 'onwards' ? placedAfter : placedBefore
  const stored = unreadBeyond(partition, position, way)
  let waiting = stored.next()
  for (let at: Position = position; ;) {
    const own = next(partition.places, at)
    const isOwn = waiting.done === true || (own !== undefined && comesFirst(own, waiting.value, way))
    const place = isOwn ? own : waiting.value
    if (place === undefined) return
    if (!isOwn) waiting = stored.next()
    yield place.id
    at = place
  }
}

/** Places of the base that were not read into memory. */
const unreadBeyond = function* ({ unread }: Partition, position: Position, way: Way): Generator<Placed, undefined> {
  if (unread === undefined) return
  const { base, index, name, removed } = unread
  const [near, far] = way === 'onwards' ? [unread.front, unread.back] : [unread.back, unread.front]
  let at = near !== undefined && !comesFirst(near, position, way) ? near : position
  for (;;) {
    const page =
      way === 'onwards' ? base.placesAfter(index, name, at, pageSize) : base.placesBefore(index, name, at, pageSize)
    for (const placed of page) {
      if (far !== undefined && !comesFirst(placed, far, way)) return
      if (!removed.has(placed.seq)) yield placed
      at = placed
    }
    if (page.length < pageSize) return
  }
}

const comesFirst = (a: Position, b: Position, way: Way): boolean =>
  way === 'onwards' ? isBefore(a, b.rank, b.seq) : isBefore(b, a.rank, a.seq)
