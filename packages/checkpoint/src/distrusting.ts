import type { StoredTable } from '@claimlog/domain/table'
import { CheckpointDamaged } from './damage.ts'

/**
 * A table that calls `invalidate` if something in it cannot be read, and then throws `CheckpointDamaged`: the caller
 * starts again with a state that was read from the log, and no later process finds the damaged checkpoint.
 */
export const distrusting = (base: StoredTable, distrust: () => void): StoredTable => {
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
    idsByPrefix: guarded(base.idsByPrefix),
    rules: guarded(base.rules),
    ruledKinds: guarded(base.ruledKinds),
    request: guarded(base.request),
    readForward: guarded(base.readForward),
    readBackward: guarded(base.readBackward),
    count: guarded(base.count),
    total: base.total,
    partitions: guarded(base.partitions),
  }
}
