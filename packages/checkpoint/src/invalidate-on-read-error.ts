import type { StoredTable } from '@claimlog/domain/table'
import { CheckpointDamaged } from './damage.ts'

/**
 * A table that calls `invalidate` if something in it cannot be read, and then throws `CheckpointDamaged`: the caller
 * starts again with a state that was read from the log, and no later process finds the damaged checkpoint.
 */
export const invalidateOnReadError = (base: StoredTable, invalidate: () => void): StoredTable => {
  const wrapRead =
    <A extends ReadonlyArray<unknown>, B>(read: (...args: A) => B) =>
    (...args: A): B => {
      try {
        return read(...args)
      } catch (thrown) {
        invalidate()
        throw thrown instanceof CheckpointDamaged ? thrown : new CheckpointDamaged((thrown as Error).message)
      }
    }
  return {
    get: wrapRead(base.get),
    idsByPrefix: wrapRead(base.idsByPrefix),
    rules: wrapRead(base.rules),
    ruledKinds: wrapRead(base.ruledKinds),
    request: wrapRead(base.request),
    readForward: wrapRead(base.readForward),
    readBackward: wrapRead(base.readBackward),
    count: wrapRead(base.count),
    total: base.total,
    partitions: wrapRead(base.partitions),
  }
}
