import type { TaskId } from '../../values/names.ts'
import { isBefore, placedAfter, placedBefore } from './sorted-blocks.ts'
import type { Partition } from './partition.ts'
import type { Placed, Position, Way } from '../table.ts'

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
