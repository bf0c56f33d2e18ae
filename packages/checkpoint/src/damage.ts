/** What is read of a checkpoint is not what was written. The log still holds all that it said. */
export class CheckpointDamaged extends Error {
  // Not a `code`, by which the system's own errors are told: what reads the log would take it for one of those.
  readonly isCheckpointDamage = true
}

/** Whether it is a `CheckpointDamaged`, whichever bundle threw it. */
export const isCheckpointDamage = (thrown: unknown): boolean =>
  (thrown as { isCheckpointDamage?: unknown } | undefined)?.isCheckpointDamage === true
