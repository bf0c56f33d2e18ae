const damaged = 'CHECKPOINT_DAMAGED'

/** What is read of a checkpoint is not what was written. The log still holds all that it said. */
export class CheckpointDamaged extends Error {
  readonly code = damaged
}

/** Whether it is a `CheckpointDamaged`, whichever bundle threw it. */
export const isCheckpointDamage = (thrown: unknown): boolean =>
  (thrown as { code?: unknown } | undefined)?.code === damaged
