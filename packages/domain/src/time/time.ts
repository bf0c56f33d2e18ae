import type { Time } from '../values/scalars.ts'

type Written = { readonly ms: number; readonly time: Time }

let last: Written = { ms: Number.NaN, time: '' }
let lastButOne = last

/**
 * `ms` since the epoch as a {@link Time}. The two latest answers are kept: a burst of commands shares its millisecond,
 * and the end of the leases that it gives.
 */
export const timeOf = (ms: number): Time => {
  if (ms === last.ms) return last.time
  const found = ms === lastButOne.ms ? lastButOne : { ms, time: format(ms) }
  lastButOne = last
  last = found
  return found.time
}

const dayMs = 86_400_000
let lastDay = { day: Number.NaN, text: '' }

/**
 * As `toISOString`, which has Node 20 load the time zones of the system: 0.15 ms of a process that lives for one command.
 * Years that no clock of ours shows are left to it.
 */
const format = (ms: number): Time => {
  const whole = Math.trunc(ms)
  const day = Math.floor(whole / dayMs)
  if (!(day >= firstDay && day < endDay)) return new Date(ms).toISOString()
  if (day !== lastDay.day) {
    const date = new Date(day * dayMs)
    lastDay = {
      day,
      text: `${date.getUTCFullYear()}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}T`,
    }
  }
  const inDay = whole - day * dayMs
  const seconds = Math.floor(inDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const milliseconds = String(1000 + (inDay % 1000)).slice(1)
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`
  return `${lastDay.text}${clock}.${milliseconds}Z`
}

const [firstDay, endDay] = [Date.UTC(1900, 0) / dayMs, Date.UTC(10_000, 0) / dayMs]

const twoDigits = (n: number): string => (n < 10 ? `0${n}` : String(n))

/** A {@link Time} as milliseconds since the epoch. */
export const msOf = (time: Time): number => Date.parse(time)

/** The moment `ms` after another. */
export const after = (time: Time, ms: number): Time => timeOf(msOf(time) + ms)

/** The later of two. */
export const later = (a: Time, b: Time): Time => (a < b ? b : a)
