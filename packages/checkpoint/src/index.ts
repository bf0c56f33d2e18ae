/** The state of a workspace at some seq, kept in LMDB: disposable, and trusted only where all that names it agrees. */
export { type Checkpoint, type Found, type Head, openCheckpoint, saveCheckpoint, type Saving } from './checkpoint.ts'
export type { TaskAddresses } from './save-changes.ts'
export { readStamp } from './stamp.ts'
