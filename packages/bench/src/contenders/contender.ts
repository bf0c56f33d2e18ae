import type { Shift, Work } from '../measure/shift.ts'

/** Whether an answer waits for the disk. */
export type Syncing = 'unsynced' | 'synced'

/** Who is measured: the name says which one, and in a process of its own each is started by it. */
export type ContenderName = 'claimlog' | 'sqlite'

/** Somebody who hands out tasks from a queue that is open, in a measured process. */
export type Contender = {
  readonly work: (shift: Shift) => Promise<Work>
  readonly close: () => Promise<void>
}

/** Opens the queue in `dir` for the worker `name`. */
export type OpenContender = (dir: string, syncing: Syncing, name: string) => Promise<Contender>
