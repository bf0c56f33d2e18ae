import type { Time } from './scalars.ts'

type Written = { readonly ms: number; readonly time: Time }

let last: Written = { ms: Number.NaN, time: '' }
let lastButOne = last

/**
 * `ms` since the epoch as a {@link Time}. The two latest answers are kept: a burst of commands shares its millisecond,
 * and the end of the leases that it gives.
 */
export const timeOf = (ms: number): Time => {
  if (ms === last.ms) return last.time
  const found = ms === lastButOne.ms ? lastButOne : { ms, time: new Date(ms).toISOString() }
  lastButOne = last
  last = found
  return found.time
}

/** A {@link Time} as milliseconds since the epoch. */
export const msOf = (time: Time): number => Date.parse(time)

/** The moment `ms` after another. */
export const after = (time: Time, ms: number): Time => timeOf(msOf(time) + ms)

/** The later of two. */
export const later = (a: Time, b: Time): Time => (a < b ? b : a)
