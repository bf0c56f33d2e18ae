import type { TableBase } from '@claimlog/domain'

/**
 * A table that calls `distrust` where something in it cannot be read, and then throws what reading threw: whoever met it may
 * be in the middle of a decision and cannot go on, but nobody after it must meet it again.
 */
export const distrusting = (base: TableBase, distrust: () => void): TableBase => {
  const guarded =
    <A extends ReadonlyArray<unknown>, B>(read: (...args: A) => B) =>
    (...args: A): B => {
      try {
        return read(...args)
      } catch (thrown) {
        distrust()
        throw thrown
      }
    }
  return {
    get: guarded(base.get),
    idsWith: guarded(base.idsWith),
    rules: guarded(base.rules),
    ruledKinds: guarded(base.ruledKinds),
    request: guarded(base.request),
    placesAfter: guarded(base.placesAfter),
    placesBefore: guarded(base.placesBefore),
    count: guarded(base.count),
    partitions: guarded(base.partitions),
  }
}
