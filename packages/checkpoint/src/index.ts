/** Checkpoints: the folded state of a workspace in a file. Disposable; every block is verified when it is read. */
export { type Checkpoint, type Found, openCheckpoint, saveCheckpoint, type Saving } from './checkpoint.ts'
export { CheckpointDamaged } from './damage.ts'
export type { TaskAddresses } from './save-changes.ts'
export { type Head, readStamp } from './stamp.ts'
