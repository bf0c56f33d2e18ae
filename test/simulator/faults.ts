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
