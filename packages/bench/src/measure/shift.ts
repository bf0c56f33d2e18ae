/**
 * The operation that a process repeats:
 * `halves`: claim, then complete, as two calls · `settle`: complete and claim the next in one call ·
 * `hold`: claim, then release, so that the tasks never run out · `add`: one task at a time · `bulk`: a thousand.
 */
export type Way = 'halves' | 'settle' | 'hold' | 'add' | 'bulk'

/** Tasks per step of `bulk`. */
export const bulkTasks = 1000

/** Times in milliseconds of `nowMs`: work done in `[countFromMs, leaseUntilMs)` counts. */
export type Shift = {
  readonly way: Way
  readonly lanes: number
  readonly countFromMs: number
  readonly untilMs: number
}

/** The work of a process in one phase. `countedMs` is shorter than the phase if the tasks ran out. */
export type Work = { readonly done: number; readonly countedMs: number; readonly claimMs: Float64Array }

/** Counts the work of one phase. */
export type Tally = {
  /** True if the phase has not ended at that time. */
  readonly goesOn: (nowMs: number) => boolean
  /** Counts a claim if it ran at any time of the measurement, so that one that waited all the time is not lost. */
  readonly claimed: (startMs: number, endMs: number) => void
  /** Counts an amount of work if all of it was done during the measurement. */
  readonly finished: (startMs: number, endMs: number, howMuch?: number) => void
  /** Ends the phase: no task is left. */
  readonly ranOut: (nowMs: number) => void
  readonly work: () => Work
}

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
