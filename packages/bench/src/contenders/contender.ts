import type { Shift, Work } from '../measure/shift.ts'

/** `synced`: a call returns once its write is on disk. */
export type Syncing = 'unsynced' | 'synced'

/** Each is measured in separate processes, which get the name as an argument. */
export type ContenderName = 'claimlog' | 'sqlite'

/** A queue implementation under test, with an open queue, in a measured process. */
export type Contender = {
  readonly work: (shift: Shift) => Promise<Work>
  readonly close: () => Promise<void>
}

/** Opens the queue in `dir` for the worker `name`. */
export type OpenContender = (dir: string, syncing: Syncing, name: string) => Promise<Contender>
