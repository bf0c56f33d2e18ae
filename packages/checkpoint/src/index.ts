/** The state of a workspace at some seq, kept in a file: disposable, and every block of it is checked as it is read. */
export { type Checkpoint, type Found, openCheckpoint, saveCheckpoint, type Saving } from './checkpoint.ts'
export { CheckpointDamaged } from './damage.ts'
export type { TaskAddresses } from './save-changes.ts'
export { type Head, readStamp } from './stamp.ts'
