import type { ContenderName } from './contender.ts'

/** The time of an add in milliseconds of `nowMs`: just before the call, and when the call returned, synced. */
export type AddTiming = { readonly fromMs: number; readonly returnedMs: number }

/**
 * The `n`th added task, and when a waiting process had claimed it, synced. `wokeMs`: when that process ran again after
 * waiting; undefined: it was about to query anyway.
 */
export type ClaimTiming = { readonly n: number; readonly wokeMs: number | undefined; readonly claimedMs: number }

/** A measured process with an open queue: it waits for work or adds it. Always synced. */
type WaitingContender = {
  /** Adds the `n`th task. */
  readonly add: (n: number) => Promise<AddTiming>
  /** Starts to wait for tasks, and to claim and complete them one after another. */
  readonly wait: () => void
  /** The tasks claimed since the last call. */
  readonly takeTimings: () => ReadonlyArray<ClaimTiming>
}

/** Those whose waiting is measured. */
export type WaitingContenderName = Extract<ContenderName, 'claimlog' | 'sqlite'>

/** The implementation to measure; `pollMs`: the interval of a peer that polls. */
export type WaitingOptions = { readonly contender: WaitingContenderName; readonly pollMs: number }

/** Opens the queue at a place for the worker `name`. */
export type OpenWaitingContender = (place: string, name: string, pollMs: number) => Promise<WaitingContender>
