import type { Refusal } from '@claimlog/domain'

/** The signal aborted before anything was decided: nothing was changed. `reason` is the signal's. */
export type Aborted = { readonly failure: 'Aborted'; readonly reason: unknown }

/** The time limit passed. `still` is what blocked at the end. */
export type WaitTimeout = { readonly failure: 'WaitTimeout'; readonly waitedMs: number; readonly still: WaitBlocker }

/**
 * Why a claim is refused, or which awaited tasks are still open: how many, and the ids of at most
 * {@link unfinishedIdsMax}.
 */
export type WaitBlocker = Refusal | UnfinishedTasks
/** Number of awaited tasks that are not finished, and some of their ids. */
export type UnfinishedTasks = { readonly open: number; readonly taskIds: ReadonlyArray<string> }

/** Enough to see what is missing. */
export const unfinishedIdsMax = 10

/** Why waiting ended without its goal. */
export type WaitFailure = Aborted | WaitTimeout
