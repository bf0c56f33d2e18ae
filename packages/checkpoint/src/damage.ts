/** A checkpoint does not contain what was written. Nothing is lost: the log still has every event. */
export class CheckpointDamaged extends Error {
  // Not a `code`, which would make it look like a system error to code that reads the log.
  readonly isCheckpointDamage = true
}

/** True for a `CheckpointDamaged`, even if another bundle threw it. */
export const isCheckpointDamage = (thrown: unknown): boolean =>
  (thrown as { isCheckpointDamage?: unknown } | undefined)?.isCheckpointDamage === true
