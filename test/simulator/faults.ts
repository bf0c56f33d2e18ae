import type { Random } from '../support/random.ts'

/** What goes wrong in a history, in percent of the times it could; most histories have some of it and not all. */
export type Faults = {
  /** A call that fails and does nothing, by the code that it fails with. */
  readonly failingCalls: number
  readonly codes: ReadonlyArray<string>
  readonly shortWrites: number
  readonly shortReads: number
  readonly failingSyncs: number
  readonly kills: number
  readonly pauses: number
  readonly clockJumps: number
  /** A machine that breaks its word: nothing that runs on it can keep its own, and a check that is any good says so. */
  readonly lie: Lie | undefined
}

/** A sync that syncs nothing, or a lock that keeps nobody out. */
export type Lie = 'sync' | 'lock'

/** A machine that works. */
export const noFaults: Faults = {
  failingCalls: 0,
  codes: [],
  shortWrites: 0,
  shortReads: 0,
  failingSyncs: 0,
  kills: 0,
  pauses: 0,
  clockJumps: 0,
  lie: undefined,
}

/** Draws the faults of a history: each sort is there or not, so that none hides another. */
export const drawFaults = (random: Random): Faults => {
  const some = (percent: number): number => (random.chance(50) ? percent : 0)
  return {
    ...noFaults,
    failingCalls: some(random.between(1, 6)),
    codes: random.oneOf([['EIO'], ['ENOSPC'], ['EINTR'], ['EIO', 'ENOSPC', 'EINTR']]) ?? [],
    shortWrites: some(20),
    shortReads: some(10),
    failingSyncs: some(6),
    kills: some(1),
    pauses: some(4),
    clockJumps: some(3),
  }
}
