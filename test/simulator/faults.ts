import type { Random } from '../support/random.ts'

/** The faults of a history, as percentages of the calls or steps that they can affect. Most histories have some. */
export type Faults = {
  /** Calls that fail without any effect, with one of `codes`. */
  readonly failingCalls: number
  readonly codes: ReadonlyArray<string>
  readonly shortWrites: number
  readonly shortReads: number
  readonly failingSyncs: number
  readonly kills: number
  readonly pauses: number
  readonly clockJumps: number
  /** A machine that breaks its guarantees: no program on it can keep its own, and the checks must notice. */
  readonly lie: Lie | undefined
}

/** A sync that syncs nothing, or a lock that excludes no one. */
export type Lie = 'sync' | 'lock'

/** A machine without faults. */
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

/** Draws the faults of a history: each kind is present or not, so that none hides another. */
export const drawFaults = (random: Random): Faults => {
  const drawPercent = (percent: number): number => (random.chance(50) ? percent : 0)
  return {
    ...noFaults,
    failingCalls: drawPercent(random.between(1, 6)),
    codes: random.oneOf([['EIO'], ['ENOSPC'], ['EINTR'], ['EIO', 'ENOSPC', 'EINTR']]) ?? [],
    shortWrites: drawPercent(20),
    shortReads: drawPercent(10),
    failingSyncs: drawPercent(6),
    kills: drawPercent(1),
    pauses: drawPercent(4),
    clockJumps: drawPercent(3),
  }
}
