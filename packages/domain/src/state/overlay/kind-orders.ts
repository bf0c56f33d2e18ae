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
 * The kinds of one index in the order of the first task that each has there, so that the first task of all kinds is found
 * without a look at every kind. A kind has one place, however many tasks it has; where that is, is found out when the order
 * is asked for, once for all that happened to the kind until then.
 */
type KindOrder = {
  /** The partition '' of the index, over that of a base. */
  readonly places: Partition
  /** The kinds that have moved since the base was stored. */
  readonly moves: Map<Kind, KindMove>
  /** The kinds that something happened to since the order was asked for last. */
  readonly touched: Set<Kind>
}

/** Whether nothing of a kind is handed out, by the rules as they are, and as they were stored. */
export type ClosedKinds = { readonly isClosed: (kind: Kind) => boolean; readonly wasClosed: (kind: Kind) => boolean }

/** The partitions that the kinds of an index have. */
type Partitions = ClosedKinds & {
  /** Those in memory. */
  readonly partitionsOf: (index: KindIndex) => ReadonlyMap<Kind, Partition>
  /** That of one kind; undefined: nothing is there. */
  readonly look: (index: KindIndex, kind: Kind) => Partition | undefined
}

/** The orders of kinds of all indices that have one. */
type KindOrders = {
  /** Takes note that a place of a kind in an index came or went. */
  readonly touch: (index: Index, kind: Kind) => void
  /** Takes note that the rules of a kind have changed. */
  readonly touchRules: (kind: Kind) => void
  readonly inOrder: (index: KindIndex, through?: Rank) => Iterable<KindPlaced>
  /** The kinds that have moved since the base was stored. */
  readonly moves: () => Iterable<readonly [KindIndex, KindMove]>
  readonly rebase: (base: TableBase | undefined) => void
}

/** Without a base, so many kinds are looked at one by one: keeping them in order costs a claim more than that. */
const fewKinds = 16

const noKinds: ReadonlyArray<KindPlaced> = []

export const kindOrders = (under: TableBase | undefined, partitions: Partitions): KindOrders => {
  const { partitionsOf, look, isClosed, wasClosed } = partitions
  let base = under
  /** Over a base there is an order from the start, in memory once it pays. */
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

  /** The order of an index, with all kinds where they stand now. */
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
      // A lease more or less may have closed the kind, or opened it.
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

/** Moves the kinds that were touched from where they stood to where they stand now. */
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
    // A kind that is gone, and is not stored, is as one that never was.
    if (was === undefined && to === undefined) moves.delete(kind)
    else moves.set(kind, move)
    if (isSamePosition(from, to)) continue
    if (from !== undefined) removePlace(places, from.rank, from.seq)
    if (to !== undefined) arrived.push(to)
  }
  touched.clear()
  // Once all have left: a task that changed its kind leaves its place to the other one.
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

/** The indices in whose order only kinds stand that hand out tasks. */
export const isOfOpenKinds = (index: KindIndex): boolean => index === 'ready' || index === 'usedUp'

/**
 * Whether nothing of a kind is handed out, by its rules and by how many of its tasks `areLeased`. Leases may have ended that
 * no claim has seen the end of yet: then the kind stands in the order of those leases.
 */
export const isClosedBy = ({ paused, limit }: KindRules, areLeased: () => number): boolean =>
  paused !== undefined || (limit !== undefined && areLeased() >= limit.claims)

/** Those of `ordered` that were not touched, and in order between them the `own` ones. */
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
