import type { State } from '../state/state.ts'
import type { KindRules } from '../state/table.ts'
import { Kind } from '../values/scalars.ts'

/** A kind without tasks and without rules; `nearest`: a known kind with a similar spelling. */
export type UnknownKind = { readonly kind: Kind; readonly nearest: Kind | undefined }

/** Finished tasks are not indexed by kind: only this many, the newest, are searched for a kind. */
const finishedReadsMax = 256

const openIndices = ['ready', 'due', 'leased', 'exhausted', 'blocked'] as const

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

/** True if there is a task or a rule of the kind; searches only the newest {@link finishedReadsMax} finished tasks. */
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
  const unknown = [...new Set(kinds)].filter(kind => Kind.is(kind) && !isKnownKind(state, kind))
  if (unknown.length === 0) return []
  const known = knownKinds(state)
  if (known.size === 0) return []
  const areAllSearched = state.table.count('finished', '') <= finishedReadsMax
  return unknown
    .map(kind => ({ kind, nearest: findSimilarName(kind, known) }))
    .filter(({ nearest }) => nearest !== undefined || areAllSearched)
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
  let reads = 0
  for (const id of table.reverseRange('finished', '')) {
    const kind = table.get(id)?.kind
    if (kind !== undefined) yield kind
    reads += 1
    if (reads === finishedReadsMax) return
  }
}

/** Names that differ by more edits than this, or by more than a third of their length, are not misspellings. */
const editsMax = 3

/** Returns the most similar of `names`, ignoring case; undefined if none is similar enough. */
export const findSimilarName = (name: string, names: Iterable<string>): string | undefined => {
  const lowerCase = name.toLowerCase()
  let nearest: string | undefined
  let distanceMin = Math.min(editsMax, Math.ceil(name.length / 3)) + 1
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= distanceMin) continue
    const distance = editDistance(lowerCase, other.toLowerCase())
    if (distance < distanceMin || (distance === distanceMin && nearest !== undefined && other < nearest)) {
      nearest = other
      distanceMin = distance
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
