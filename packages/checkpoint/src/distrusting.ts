import type { TableBase } from '@claimlog/domain/table'
import { CheckpointDamaged } from './damage.ts'

/**
 * A table that calls `invalidate` if something in it cannot be read, and then throws `CheckpointDamaged`: the caller
 * starts again with a state that was read from the log, and no later process finds the damaged checkpoint.
 */
export const distrusting = (base: TableBase, distrust: () => void): TableBase => {
  const guarded =
    <A extends ReadonlyArray<unknown>, B>(read: (...args: A) => B) =>
    (...args: A): B => {
      try {
        return read(...args)
      } catch (thrown) {
        distrust()
        throw thrown instanceof CheckpointDamaged ? thrown : new CheckpointDamaged((thrown as Error).message)
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
    total: base.total,
    partitions: guarded(base.partitions),
  }
}
