import type { State } from '../state/state.ts'
import type { KindRules } from '../state/table.ts'
import { Kind } from '../values/scalars.ts'

/** A kind without tasks and without rules; `nearest`: a known kind with a similar spelling. */
export type UnknownKind = { readonly kind: Kind; readonly nearest: Kind | undefined }

/** Finished tasks are not indexed by kind: only this many, the newest, are searched for a kind. */
const looksMax = 256

const openIndices = ['ready', 'due', 'leased', 'usedUp', 'blocked'] as const

/** The pause and the limit of a kind, each with the event that set it. */
export const kindRules = ({ table }: State, kind: Kind): KindRules => table.rules(kind)

/** The kinds for which a rule was ever set, in no order. */
export const ruledKinds = ({ table }: State): Iterable<Kind> => table.ruledKinds()

/** The kinds of unfinished tasks, in no order. */
export const kindsOfOpenTasks = ({ table }: State): ReadonlySet<Kind> => {
  const kinds = new Set<Kind>()
  for (const index of openIndices) for (const kind of table.partitions(index)) kinds.add(kind)
  return kinds
}

/** True if there is a task or a rule of the kind; searches only the newest {@link looksMax} finished tasks. */
export const isKnownKind = (state: State, kind: Kind): boolean => {
  if (isInUse(state, kind)) return true
  for (const finished of finishedKinds(state)) if (finished === kind) return true
  return false
}

/**
 * Returns the unknown ones of `kinds`, which may be misspelt. Empty if no kind is known yet. A kind that an
 * older finished task may have is returned only if a known kind has a similar name.
 */
export const unknownKinds = (state: State, kinds: ReadonlyArray<Kind>): ReadonlyArray<UnknownKind> => {
  const strange = [...new Set(kinds)].filter(kind => Kind.is(kind) && !isKnownKind(state, kind))
  if (strange.length === 0) return []
  const known = knownKinds(state)
  if (known.size === 0) return []
  const areAllSeen = state.table.count('finished', '') <= looksMax
  return strange
    .map(kind => ({ kind, nearest: nearestName(kind, known) }))
    .filter(({ nearest }) => nearest !== undefined || areAllSeen)
}

const isInUse = ({ table }: State, kind: Kind): boolean => {
  for (const index of openIndices) if (table.count(index, kind) > 0) return true
  const { paused, limit } = table.rules(kind)
  return paused !== undefined || limit !== undefined
}

const knownKinds = (state: State): ReadonlySet<Kind> => {
  const known = new Set<Kind>([...finishedKinds(state), ...kindsOfOpenTasks(state)])
  for (const kind of state.table.ruledKinds()) if (isInUse(state, kind)) known.add(kind)
  return known
}

const finishedKinds = function* ({ table }: State): Generator<Kind> {
  let looks = 0
  for (const id of table.backwards('finished', '')) {
    const kind = table.get(id)?.kind
    if (kind !== undefined) yield kind
    looks += 1
    if (looks === looksMax) return
  }
}

/** Names that differ by more edits than this, or by more than a third of their length, are not misspellings. */
const differencesMax = 3

/** Returns the most similar of `names`, ignoring case; undefined if none is similar enough. */
export const nearestName = (name: string, names: Iterable<string>): string | undefined => {
  const wanted = name.toLowerCase()
  let nearest: string | undefined
  let least = Math.min(differencesMax, Math.ceil(name.length / 3)) + 1
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= least) continue
    const distance = editDistance(wanted, other.toLowerCase())
    if (distance < least || (distance === least && nearest !== undefined && other < nearest)) {
      nearest = other
      least = distance
    }
  }
  return nearest
}

/** The edit distance with transpositions (optimal string alignment). */
const editDistance = (a: string, b: string): number => {
  let [beforeLast, last]: [ReadonlyArray<number>, ReadonlyArray<number>] = [
    [],
    Array.from({ length: b.length + 1 }, (_, j) => j),
  ]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped))
    }
    ;[beforeLast, last] = [last, row]
  }
  return last[b.length] ?? 0
}
