import type { ScheduledPhase, WorkResult } from '../measure/workload.ts'

/** `synced`: a call returns once its write is on disk. */
export type SyncMode = 'unsynced' | 'synced'

/** Each is measured in separate processes, which get the name as an argument. */
export type ContenderName = 'claimlog' | 'sqlite' | 'graphile-worker' | 'pg-boss'

/** A queue implementation under test, with an open queue, in a measured process. */
export type Contender = {
  readonly work: (phase: ScheduledPhase) => Promise<WorkResult>
  readonly close: () => Promise<void>
}

/** Opens the queue at a place, a directory or the URL of a queue on a server, for the worker `name`. */
export type OpenContender = (place: string, syncing: SyncMode, name: string) => Promise<Contender>
