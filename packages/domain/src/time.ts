import type { Time } from './scalars.ts'

let lastMs = Number.NaN
let lastTime: Time = ''

/** `ms` since the epoch as a {@link Time}. The latest answer is kept: a burst of commands shares its millisecond. */
export const timeOf = (ms: number): Time => {
  if (ms !== lastMs) {
    lastTime = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastTime
}

/** A {@link Time} as milliseconds since the epoch. */
export const msOf = (time: Time): number => Date.parse(time)

/** The later of two. */
export const later = (a: Time, b: Time): Time => (a < b ? b : a)
