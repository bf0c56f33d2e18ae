import type { Placed, Position, Rank } from '../table.ts'

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
