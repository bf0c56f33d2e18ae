import type { Refusal } from '@claimlog/domain'

/** The signal said to give up before anything was decided: nothing was changed. `reason` is the signal's. */
export type Aborted = { readonly failure: 'Aborted'; readonly reason: unknown }

/** It was waited for as long as asked. `still` is what stood in the way at the end. */
export type WaitTimeout = { readonly failure: 'WaitTimeout'; readonly waitedMs: number; readonly still: Still }

/** Why a claim is refused, or how many of what was waited for are still open, and which; at most {@link maxStillNamed}. */
export type Still = Refusal | StillOpen
/** How many of the tasks that are waited for are not finished, and some of their ids. */
export type StillOpen = { readonly open: number; readonly taskIds: ReadonlyArray<string> }

/** Enough to see what is going on. */
export const maxStillNamed = 10

/** Why waiting ended without what was waited for. */
export type WaitFailure = Aborted | WaitTimeout
