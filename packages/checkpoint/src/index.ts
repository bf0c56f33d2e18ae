/** Checkpoints: the folded state of a workspace in a file. Disposable; every block is verified when it is read. */
export {
  type Checkpoint,
  type CheckpointLookup,
  openCheckpoint,
  saveCheckpoint,
  type CheckpointSnapshot,
} from './checkpoint.ts'
export { CheckpointDamaged } from './damage.ts'
export type { TaskOffsets } from './save-changes.ts'
export { type CheckpointHead, readManifest } from './manifest.ts'
