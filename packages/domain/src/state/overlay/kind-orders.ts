import { firstAfter, insertPlace, isBefore, openPartition, type Partition, removePlace } from './partition.ts'
import {
  type Index,
  type KindIndex,
  kindIndices,
  type KindMove,
  type KindPlaced,
  type KindRules,
  type Position,
  type Rank,
  type TableBase,
} from '../table.ts'
import type { Kind } from '../../values/scalars.ts'

/**
 * The kinds of one index, ordered by the first task of each, so that the first task of all kinds is found
 * without checking every kind. A kind has one entry, however many tasks it has. Entries are updated when the
 * order is read, once for all changes of a kind until then.
 */
type KindOrder = {
  /** The partition '' of the index, over that of the base. */
  readonly places: Partition
  /** The kinds whose entry differs from the base. */
  readonly moves: Map<Kind, KindMove>
  /** The kinds that may have changed since the order was last read. */
  readonly touched: Set<Kind>
}

/** True if a kind is closed: `isClosed` by its current rules and claims, `wasClosed` by those of the base. */
export type ClosedKinds = { readonly isClosed: (kind: Kind) => boolean; readonly wasClosed: (kind: Kind) => boolean }

/** Access to the partitions of kinds. */
type Partitions = ClosedKinds & {
  /** The partitions in memory. */
  readonly partitionsOf: (index: KindIndex) => ReadonlyMap<Kind, Partition>
  /** The partition of a kind; undefined: it has no entries. */
  readonly look: (index: KindIndex, kind: Kind) => Partition | undefined
}

/** The ordered kinds of all indices that have them. */
type KindOrders = {
  /** Records that an entry of a kind was inserted into or deleted from an index. */
  readonly touch: (index: Index, kind: Kind) => void
  /** Records that the rules of a kind have changed. */
  readonly touchRules: (kind: Kind) => void
  readonly inOrder: (index: KindIndex, through?: Rank) => Iterable<KindPlaced>
  /** The kinds whose entry differs from the base. */
  readonly moves: () => Iterable<readonly [KindIndex, KindMove]>
  readonly rebase: (base: TableBase | undefined) => void
}

/** Without a base, up to this many kinds are sorted on each read, which is cheaper than keeping them sorted. */
const fewKinds = 16

const noKinds: ReadonlyArray<KindPlaced> = []

export const kindOrders = (under: TableBase | undefined, partitions: Partitions): KindOrders => {
  const { partitionsOf, look, isClosed, wasClosed } = partitions
  let base = under
  /** Over a base, kinds are kept sorted from the start; without one, once there are many. */
  let orders: { [I in Index]?: KindOrder } = {}
  let isOrdered = false

  const touchRules = (kind: Kind): void => {
    orders.ready?.touched.add(kind)
    orders.usedUp?.touched.add(kind)
  }

  const placeNow = (index: KindIndex, kind: Kind): KindPlaced | undefined => {
    if (isOfOpenKinds(index) && isClosed(kind)) return undefined
    const partition = look(index, kind)
    return placeAt(partition === undefined ? undefined : firstAfter(partition), kind)
  }

  const placeStored = (index: KindIndex, kind: Kind): KindPlaced | undefined =>
    base === undefined || base.count(index, kind) === 0 || (isOfOpenKinds(index) && wasClosed(kind))
      ? undefined
      : placeAt(base.placesAfter(index, kind, undefined, 1)[0], kind)

  /** Returns the ordered kinds of an index, up to date. */
  const orderOf = (index: KindIndex): KindOrder => {
    isOrdered = true
    const order = (orders[index] ??= openOrder(base, index, base === undefined ? partitionsOf(index).keys() : []))
    if (order.touched.size > 0)
      moveTouched(
        order,
        kind => placeStored(index, kind),
        kind => placeNow(index, kind),
      )
    return order
  }

  const fewInOrder = (index: KindIndex, through: Rank | undefined): ReadonlyArray<KindPlaced> => {
    let found: Array<KindPlaced> | undefined
    for (const [kind, partition] of partitionsOf(index)) {
      const first = firstAfter(partition)
      if (first === undefined || (through !== undefined && first.rank > through)) continue
      const placed = placeNow(index, kind)
      if (placed !== undefined) (found ??= []).push(placed)
    }
    return found === undefined ? noKinds : found.sort(byPosition)
  }

  const rebase = (newer: TableBase | undefined): void => {
    base = newer
    orders = {}
    isOrdered = newer !== undefined
    if (newer !== undefined) for (const index of kindIndices) orders[index] = openOrder(newer, index, [])
  }
  rebase(under)

  return {
    touch: (index, kind) => {
      if (!isOrdered) return
      orders[index]?.touched.add(kind)
      // A claim that was added or removed may have closed or opened the kind.
      if (index === 'leased') touchRules(kind)
    },
    touchRules,
    inOrder: (index, through) => {
      if ((!isOrdered || orders[index] === undefined) && partitionsOf(index).size <= fewKinds)
        return fewInOrder(index, through)
      const { places } = orderOf(index)
      const first = firstAfter(places)
      if (first === undefined || (through !== undefined && first.rank > through)) return noKinds
      return placesThrough(places, through)
    },
    moves: function* () {
      for (const index of kindIndices) for (const move of orderOf(index).moves.values()) yield [index, move]
    },
    rebase,
  }
}

const openOrder = (base: TableBase | undefined, index: KindIndex, kinds: Iterable<Kind>): KindOrder => ({
  places: openPartition(base, index, ''),
  moves: new Map(),
  touched: new Set(kinds),
})

type PlaceOf = (kind: Kind) => KindPlaced | undefined

/** Moves the touched kinds from their previous entries to their current ones. */
const moveTouched = ({ places, moves, touched }: KindOrder, stored: PlaceOf, current: PlaceOf): void => {
  const arrived: Array<KindPlaced> = []
  for (const kind of touched) {
    let move = moves.get(kind)
    if (move === undefined) {
      const was = stored(kind)
      move = { was, now: was }
    }
    const { was, now: from } = move
    const to = current(kind)
    move.now = to
    // A kind that has no entry, and had none in the base, has not moved.
    if (was === undefined && to === undefined) moves.delete(kind)
    else moves.set(kind, move)
    if (isSamePosition(from, to)) continue
    if (from !== undefined) removePlace(places, from.rank, from.seq)
    if (to !== undefined) arrived.push(to)
  }
  touched.clear()
  // Only after all removals: a task that changed its kind leaves its key to the other kind.
  for (const placed of arrived) insertPlace(places, placed)
}

const placesThrough = function* (places: Partition, through: Rank | undefined): Generator<KindPlaced> {
  for (let next = firstAfter(places); next !== undefined; next = firstAfter(places, next)) {
    if (through !== undefined && next.rank > through) return
    yield next
  }
}

const placeAt = (first: Position | undefined, kind: Kind): KindPlaced | undefined =>
  first === undefined ? undefined : { rank: first.rank, seq: first.seq, id: kind }

const isSamePosition = (a: Position | undefined, b: Position | undefined): boolean =>
  a?.rank === b?.rank && a?.seq === b?.seq

export const byPosition = (a: Position, b: Position): number => (isBefore(a, b.rank, b.seq) ? -1 : 1)

/** True for indices whose ordered kinds leave out closed kinds. */
export const isOfOpenKinds = (index: KindIndex): boolean => index === 'ready' || index === 'usedUp'

/**
 * True if a kind is paused or at its limit. Some of the leases counted by `areLeased` may have expired since
 * the last claim: then the kind is found through its entry in the `leased` index.
 */
export const isClosedBy = ({ paused, limit }: KindRules, areLeased: () => number): boolean =>
  paused !== undefined || (limit !== undefined && areLeased() >= limit.claims)

/** Merges the untouched kinds of `ordered` with the sorted `own` ones. */
export const kindsBeside = function* (
  ordered: Iterable<KindPlaced>,
  touched: ReadonlySet<Kind>,
  own: ReadonlyArray<KindPlaced>,
): Generator<KindPlaced> {
  let i = 0
  for (const placed of ordered) {
    if (touched.has(placed.id)) continue
    for (let next = own[i]; next !== undefined && isBefore(next, placed.rank, placed.seq); next = own[i]) {
      yield next
      i += 1
    }
    yield placed
  }
  for (; i < own.length; i += 1) yield own[i] as KindPlaced
}
