import type { ContenderName } from './contender.ts'

/** When a task was added, in milliseconds of `nowMs`: just before that was asked for, and when it was answered, synced. */
export type Added = { readonly fromMs: number; readonly answeredMs: number }

/**
 * The `n`th task that was added, and when somebody who waited held it, its claim answered and synced. `wokeMs`: when that
 * process ran again, having waited; undefined: it was about to look anyway.
 */
export type Taken = { readonly n: number; readonly wokeMs: number | undefined; readonly heldMs: number }

/** Somebody at a queue that is open, in a measured process: who waits for work, or who adds it. Synced throughout. */
type WaitingContender = {
  /** Adds the `n`th task. */
  readonly add: (n: number) => Promise<Added>
  /** Begins to wait for tasks, to claim and to complete them, one after another. */
  readonly wait: () => void
  /** What was taken since this was asked last. */
  readonly taken: () => ReadonlyArray<Taken>
}

/** Who is measured: a name, and for a peer that polls, how often. */
export type WaitingMember = { readonly contender: ContenderName; readonly pollMs: number }

/** Opens the queue in `dir` for the worker `name`. */
export type OpenWaitingContender = (dir: string, name: string, pollMs: number) => Promise<WaitingContender>
