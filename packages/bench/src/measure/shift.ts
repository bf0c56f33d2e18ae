/**
 * What a process does over and over:
 * `halves`: claim, then complete, each answered · `settle`: complete and claim the next in one · `hold`: claim, then give
 * back, so that nothing runs out · `add`: one task at a time · `bulk`: a thousand.
 */
export type Way = 'halves' | 'settle' | 'hold' | 'add' | 'bulk'

/** How many tasks one step of `bulk` adds. */
export const bulkTasks = 1000

/** Moments in milliseconds of `nowMs`: what is done in `[countFromMs, untilMs)` counts. `lanes`: so many at once. */
export type Shift = {
  readonly way: Way
  readonly lanes: number
  readonly countFromMs: number
  readonly untilMs: number
}

/** What a process did in its shift, in `countedMs`: less than it was told where the tasks ran out. */
export type Work = { readonly done: number; readonly countedMs: number; readonly claimMs: Float64Array }

/** Counts what is done in a shift. */
export type Tally = {
  /** Whether the shift goes on at that moment. */
  readonly goesOn: (nowMs: number) => boolean
  /** A claim, which counts if it was under way while counting: one that waited all the time must not be forgotten. */
  readonly claimed: (startMs: number, endMs: number) => void
  /** So much was done, which counts if it was done while counting. */
  readonly finished: (startMs: number, endMs: number, howMuch?: number) => void
  /** There is nothing left to do. */
  readonly ranOut: (nowMs: number) => void
  readonly work: () => Work
}

/** A tally with nothing in it. */
export const tallyOf = ({ countFromMs, untilMs }: Shift): Tally => {
  const claimMs: Array<number> = []
  let done = 0
  let endMs = untilMs
  return {
    goesOn: nowMs => nowMs < endMs,
    claimed: (startMs, claimedMs) => {
      if (claimedMs >= countFromMs && startMs < endMs) claimMs.push(claimedMs - startMs)
    },
    finished: (startMs, finishedMs, howMuch = 1) => {
      if (startMs >= countFromMs && finishedMs < endMs) done += howMuch
    },
    ranOut: nowMs => {
      endMs = Math.min(endMs, nowMs)
    },
    work: () => ({ done, countedMs: Math.max(0, endMs - countFromMs), claimMs: Float64Array.from(claimMs) }),
  }
}
