import { nextEntry, insertEntry, precedes, openPartition, type Partition, removeEntry } from './partition.ts'
import {
  type Index,
  type KindIndex,
  kindIndices,
  type KindMove,
  type IndexedKind,
  type KindRules,
  type IndexKey,
  type Rank,
  type StoredTable,
} from '../table.ts'
import type { Kind } from '../../values/scalars.ts'

/**
 * The kinds of one index, ordered by the first task of each, so that the first task of all kinds is found
 * without checking every kind. A kind has one entry, however many tasks it has. Entries are updated when the
 * order is read, once for all changes of a kind until then.
 */
type KindOrder = {
  /** The partition '' of the index, over that of the base. */
  readonly entries: Partition
  /** The kinds whose entry differs from the base. */
  readonly moves: Map<Kind, KindMove>
  /** The kinds that may have changed since the order was last read. */
  readonly touched: Set<Kind>
}

/** True if a kind is closed: `isClosed` by its current rules and claims, `wasClosed` by those of the base. */
export type ClosedKinds = { readonly isClosed: (kind: Kind) => boolean; readonly wasClosed: (kind: Kind) => boolean }

/** Access to the partitions of kinds. */
type KindPartitions = ClosedKinds & {
  /** The partitions in memory. */
  readonly loadedPartitions: (index: KindIndex) => ReadonlyMap<Kind, Partition>
  /** The partition of a kind; undefined: it has no entries. */
  readonly findPartition: (index: KindIndex, kind: Kind) => Partition | undefined
}

/** The ordered kinds of all indices that have them. */
type KindOrders = {
  /** Records that an entry of a kind was inserted into or deleted from an index. */
  readonly touch: (index: Index, kind: Kind) => void
  /** Records that the rules of a kind have changed. */
  readonly touchRules: (kind: Kind) => void
  readonly inOrder: (index: KindIndex, through?: Rank) => Iterable<IndexedKind>
  /** The kinds whose entry differs from the base. */
  readonly moves: () => Iterable<readonly [KindIndex, KindMove]>
  readonly rebase: (base: StoredTable | undefined) => void
}

/** Without a base, up to this many kinds are sorted on each read, which is cheaper than keeping them sorted. */
const unsortedKindsMax = 16

const noKinds: ReadonlyArray<IndexedKind> = []

export const kindOrders = (initialBase: StoredTable | undefined, partitions: KindPartitions): KindOrders => {
  const { loadedPartitions, findPartition, isClosed, wasClosed } = partitions
  let base = initialBase
  /** Over a base, kinds are kept sorted from the start; without one, once there are many. */
  let orders: { [I in Index]?: KindOrder } = {}
  let isOrdered = false

  const touchRules = (kind: Kind): void => {
    orders.ready?.touched.add(kind)
    orders.exhausted?.touched.add(kind)
  }

  const currentEntry = (index: KindIndex, kind: Kind): IndexedKind | undefined => {
    if (omitsClosedKinds(index) && isClosed(kind)) return undefined
    const partition = findPartition(index, kind)
    return kindEntry(partition === undefined ? undefined : nextEntry(partition), kind)
  }

  const storedEntry = (index: KindIndex, kind: Kind): IndexedKind | undefined =>
    base === undefined || base.count(index, kind) === 0 || (omitsClosedKinds(index) && wasClosed(kind))
      ? undefined
      : kindEntry(base.readForward(index, kind, undefined, 1)[0], kind)

  /** Returns the ordered kinds of an index, up to date. */
  const refreshOrder = (index: KindIndex): KindOrder => {
    isOrdered = true
    const order = (orders[index] ??= createOrder(base, index, base === undefined ? loadedPartitions(index).keys() : []))
    if (order.touched.size > 0)
      moveTouchedKinds(
        order,
        kind => storedEntry(index, kind),
        kind => currentEntry(index, kind),
      )
    return order
  }

  const sortLoadedKinds = (index: KindIndex, through: Rank | undefined): ReadonlyArray<IndexedKind> => {
    let entries: Array<IndexedKind> | undefined
    for (const [kind, partition] of loadedPartitions(index)) {
      const first = nextEntry(partition)
      if (first === undefined || (through !== undefined && first.rank > through)) continue
      const entry = currentEntry(index, kind)
      if (entry !== undefined) (entries ??= []).push(entry)
    }
    return entries === undefined ? noKinds : entries.sort(compareKeys)
  }

  const rebase = (newer: StoredTable | undefined): void => {
    base = newer
    orders = {}
    isOrdered = newer !== undefined
    if (newer !== undefined) for (const index of kindIndices) orders[index] = createOrder(newer, index, [])
  }
  rebase(initialBase)

  return {
    touch: (index, kind) => {
      if (!isOrdered) return
      orders[index]?.touched.add(kind)
      // A claim that was added or removed may have closed or opened the kind.
      if (index === 'leased') touchRules(kind)
    },
    touchRules,
    inOrder: (index, through) => {
      if ((!isOrdered || orders[index] === undefined) && loadedPartitions(index).size <= unsortedKindsMax)
        return sortLoadedKinds(index, through)
      const { entries } = refreshOrder(index)
      const first = nextEntry(entries)
      if (first === undefined || (through !== undefined && first.rank > through)) return noKinds
      return entriesUntilRank(entries, through)
    },
    moves: function* () {
      for (const index of kindIndices) for (const move of refreshOrder(index).moves.values()) yield [index, move]
    },
    rebase,
  }
}

const createOrder = (base: StoredTable | undefined, index: KindIndex, kinds: Iterable<Kind>): KindOrder => ({
  entries: openPartition(base, index, ''),
  moves: new Map(),
  touched: new Set(kinds),
})

type FindEntry = (kind: Kind) => IndexedKind | undefined

/** Moves the touched kinds from their previous entries to their current ones. */
const moveTouchedKinds = (
  { entries, moves, touched }: KindOrder,
  findStored: FindEntry,
  findCurrent: FindEntry,
): void => {
  const insertions: Array<IndexedKind> = []
  for (const kind of touched) {
    let move = moves.get(kind)
    if (move === undefined) {
      const stored = findStored(kind)
      move = { stored, current: stored }
    }
    const { stored, current: from } = move
    const to = findCurrent(kind)
    move.current = to
    // A kind that has no entry, and had none in the base, has not moved.
    if (stored === undefined && to === undefined) moves.delete(kind)
    else moves.set(kind, move)
    if (isSameKey(from, to)) continue
    if (from !== undefined) removeEntry(entries, from.rank, from.seq)
    if (to !== undefined) insertions.push(to)
  }
  touched.clear()
  // Only after all removals: a task that changed its kind leaves its key to the other kind.
  for (const entry of insertions) insertEntry(entries, entry)
}

const entriesUntilRank = function* (entries: Partition, through: Rank | undefined): Generator<IndexedKind> {
  for (let next = nextEntry(entries); next !== undefined; next = nextEntry(entries, next)) {
    if (through !== undefined && next.rank > through) return
    yield next
  }
}

const kindEntry = (first: IndexKey | undefined, kind: Kind): IndexedKind | undefined =>
  first === undefined ? undefined : { rank: first.rank, seq: first.seq, id: kind }

const isSameKey = (a: IndexKey | undefined, b: IndexKey | undefined): boolean =>
  a?.rank === b?.rank && a?.seq === b?.seq

export const compareKeys = (a: IndexKey, b: IndexKey): number => (precedes(a, b.rank, b.seq) ? -1 : 1)

/** True for indices whose ordered kinds leave out closed kinds. */
export const omitsClosedKinds = (index: KindIndex): boolean => index === 'ready' || index === 'exhausted'

/**
 * True if a kind is paused or at its limit. Some of the leases counted by `countLeases` may have expired since
 * the last claim: then the kind is found through its entry in the `leased` index.
 */
export const isKindClosed = ({ paused, limit }: KindRules, countLeases: () => number): boolean =>
  paused !== undefined || (limit !== undefined && countLeases() >= limit.claims)

/** Merges the untouched kinds of `ordered` with `touchedEntries`, which are sorted. */
export const mergeKinds = function* (
  ordered: Iterable<IndexedKind>,
  touched: ReadonlySet<Kind>,
  touchedEntries: ReadonlyArray<IndexedKind>,
): Generator<IndexedKind> {
  let i = 0
  for (const entry of ordered) {
    if (touched.has(entry.id)) continue
    for (
      let next = touchedEntries[i];
      next !== undefined && precedes(next, entry.rank, entry.seq);
      next = touchedEntries[i]
    ) {
      yield next
      i += 1
    }
    yield entry
  }
  for (; i < touchedEntries.length; i += 1) yield touchedEntries[i] as IndexedKind
}
