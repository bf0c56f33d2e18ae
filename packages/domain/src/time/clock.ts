/**
 * Elapsed time: the scale on which leases, delays and retries are measured.
 *
 * ```
 *   wall clock     12:00 ─── 12:01 ─── set a day ahead ─── corrected ─── 12:03      not used to order or measure
 *   boot clock      100 s ─── 160 s ────── 220 s ─────────── 280 s ───── 280 s      cannot be set; ends with the boot
 *   elapsed time   12:00 ─── 12:01 ─────── 12:02 ─────────── 12:03 ───── 12:03      follows the boot clock
 *   time on lines  12:00 ─── 12:01 ─── tomorrow 12:02 ────── tomorrow 12:02         never goes back
 * ```
 *
 * A wall clock can be wrong, so the times of two lines do not show how much time passed between them. Within one boot
 * of a machine its boot clock does. An event has a boot clock reading of its writer (`boot`, `up_ms`) if the wall clock
 * moved against it by more than {@link toleranceMs} since the last event with a reading, or if it is from another boot.
 * If the wall clock was behind the log, the event also has its reading (`clock`), as `time` never goes back.
 *
 * Elapsed time is the wall clock plus a shift. The shift is 0 unless the clock is set, and then all three scales agree.
 * The state and all decisions use elapsed time. {@link onElapsed} converts an event to it, {@link onLine} converts it
 * back.
 */
import type { Event } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'

/** The clocks of a machine at one instant, in milliseconds. Some machines have no readable boot clock. */
export type ClockReading = {
  /** The wall clock, since the epoch. */
  readonly nowMs: number
  /** The id of the boot. */
  readonly boot?: string
  /** The boot clock: time since the boot, including sleep. */
  readonly upMs?: number
}

/** The relation of wall clocks to elapsed time, as known from the log. */
export type LogClock = {
  /** Elapsed time is the wall clock plus this many milliseconds. */
  readonly shiftMs: number
  /** The same instant on the boot clock and on elapsed time. */
  readonly anchor: { readonly boot: string; readonly upMs: number; readonly elapsedMs: number } | undefined
}

/** The clock of an empty log. */
export const unsetClock: LogClock = { shiftMs: 0, anchor: undefined }

/** The times of a state: the elapsed time of its last event, and the latest time on a line. */
export type Timeline = { readonly time: Time; readonly lineTime: Time; readonly clock: LogClock }

/** A wall clock that is slewed (corrected gradually) moves less than this against the boot clock. */
const toleranceMs = 1000

/**
 * The clock of a log whose last event is at `time`, after a process with this reading has written to it; the same
 * object if the reading agrees with the log.
 */
const clockAt = ({ time, clock }: Pick<Timeline, 'time' | 'clock'>, reading: ClockReading): LogClock => {
  const { nowMs, boot, upMs } = reading
  const { anchor, shiftMs } = clock
  if (boot === undefined || upMs === undefined) {
    // Without a boot clock, a clock that was set forward cannot be distinguished from time that passed.
    const behindMs = time === '' ? 0 : msOf(time) - (nowMs + shiftMs)
    return behindMs > toleranceMs ? { shiftMs: shiftMs + behindMs, anchor } : clock
  }
  const fits = (elapsedMs: number): boolean => Math.abs(elapsedMs - nowMs - shiftMs) <= toleranceMs
  const isSameBoot = anchor?.boot === boot
  const expectedMs = isSameBoot ? anchor.elapsedMs + (upMs - anchor.upMs) : nowMs + shiftMs
  // Runs for every command, so it avoids parsing `time`.
  if (isSameBoot && fits(expectedMs)) return clock
  const elapsedMs = time === '' ? expectedMs : Math.max(expectedMs, msOf(time))
  return { shiftMs: fits(elapsedMs) ? shiftMs : elapsedMs - nowMs, anchor: { boot, upMs, elapsedMs } }
}

/** Converts a wall clock reading to elapsed time; never before the last event. */
export const elapsedAt = (last: Time, clock: LogClock, nowMs: number): Time =>
  later(timeOf(nowMs + clock.shiftMs), last)

/** Converts elapsed time to wall clock time. */
export const onWallClock = <T extends Time | null | undefined>(time: T, { shiftMs }: LogClock): T =>
  typeof time !== 'string' || shiftMs === 0 ? time : (timeOf(msOf(time) - shiftMs) as T)

/** Converts the `now` of a query, which is elapsed time, to milliseconds of the wall clock, which views display. */
export const wallClockMs = ({ clock }: Pick<Timeline, 'clock'>, now: Time): number => msOf(onWallClock(now, clock))

/** The state with its clock adjusted to a new reading. */
export const seenAt = <S extends Timeline>(state: S, reading: ClockReading): S => {
  const clock = clockAt(state, reading)
  return clock === state.clock ? state : { ...state, clock }
}

/** The clock reading of an event's writer, as far as its line has it. */
export const readingOf = ({ time, clock, boot, upMs }: Event): ClockReading => ({
  nowMs: msOf(clock ?? time),
  boot,
  upMs,
})

/** Advances a timeline by an event as read from its line. */
export const timelineAfter = (before: Timeline, event: Event): Timeline => {
  const { time, clock: wall, boot } = event
  const clock = wall === undefined && boot === undefined ? before.clock : clockAt(before, readingOf(event))
  const lineTime = later(before.lineTime, time)
  if (clock.shiftMs === 0) return { time: later(before.time, wall ?? time), lineTime, clock }
  return { time: elapsedAt(before.time, clock, msOf(wall ?? time)), lineTime, clock }
}

/**
 * Converts the times of an event to elapsed time; `time` is that of the event. Returns the same object if nothing
 * changes.
 */
export const onElapsed = <E extends Event>(event: E, time: Time): E =>
  time === event.time && event.clock === undefined
    ? event
    : moved(event, msOf(time) - msOf(event.clock ?? event.time), time)

/**
 * Converts some events of a log, in order, to elapsed time up to `now`. The events between them are unknown, so a line
 * from a wrong clock is placed by its boot clock, if it has one, or else between its neighbours.
 */
export const onElapsedAmong = <E extends Event>(
  lines: ReadonlyArray<E>,
  { anchor, shiftMs }: LogClock,
  now: Time,
): ReadonlyArray<E> => {
  let last: Time = ''
  return lines.map(line => {
    const { time, clock, boot, upMs } = line
    const isOfThisBoot = anchor !== undefined && boot === anchor.boot && upMs !== undefined
    const shifted = msOf(clock ?? time) + shiftMs
    // After a clock was set forward, lines have no reading of the shift; an earlier line results in a time before the
    // anchor.
    const isSince = anchor !== undefined && shiftMs < 0 && shifted >= anchor.elapsedMs - toleranceMs
    const wall = clock === undefined && !isSince ? time : timeOf(shifted)
    const told = isOfThisBoot ? timeOf(anchor.elapsedMs + upMs - anchor.upMs) : wall
    // Without a boot clock, it is unknown which clock was wrong.
    last = later(last, anchor === undefined || told < now ? told : now)
    return onElapsed(line, last)
  })
}

/**
 * Converts events from elapsed time to the lines that follow `state`, with readings of the writer's clocks if they do
 * not follow from the log. `clock` is that of the state adjusted to the writer, whose wall clock reads `nowMs`.
 */
export const onLine = (
  state: Timeline,
  clock: LogClock,
  nowMs: number,
  events: ReadonlyArray<Event>,
): ReadonlyArray<Event> => {
  const [first] = events
  if (first === undefined) return events
  const wall = timeOf(nowMs)
  const time = later(wall, state.lineTime)
  const isBehind = time !== wall && msOf(time) - nowMs > toleranceMs
  if (clock === state.clock && clock.shiftMs === 0 && first.time === time && !isBehind) return events
  const shiftMs = msOf(isBehind ? wall : time) - msOf(first.time)
  const anchor = clock.anchor === state.clock.anchor ? undefined : clock.anchor
  return events.map((event, i) => {
    const line = { ...moved(event, shiftMs, time), clock: isBehind ? wall : undefined }
    return i > 0 || anchor === undefined ? line : { ...line, boot: anchor.boot, upMs: anchor.upMs }
  })
}

/** The event at `time`, with its other times shifted by `ms`. */
const moved = <E extends Event>(event: E, ms: number, time: Time): E => {
  if (ms === 0 && time === event.time) return event
  const by = <T extends Time | null | undefined>(at: T): T =>
    typeof at === 'string' ? (timeOf(msOf(at) + ms) as T) : at
  if (event.event === 'claimed' || event.event === 'renewed')
    return { ...event, leaseUntil: by(event.leaseUntil), time }
  if (event.event === 'failed') return { ...event, retryAt: by(event.retryAt), time }
  if ((event.event === 'added' || event.event === 'amended') && event.notBefore !== undefined)
    return { ...event, notBefore: by(event.notBefore), time }
  return { ...event, time }
}

type Written = { readonly ms: number; readonly time: Time }

let last: Written = { ms: Number.NaN, time: '' }

let lastButOne = last

/**
 * Formats `ms` since the epoch as a {@link Time}. The last two results are cached: a burst of commands has the same
 * millisecond and the same end of its leases.
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
 * The same as `toISOString`, which makes Node 20 load the system time zones: 0.15 ms in a process that runs one
 * command. Years outside the supported range still use it.
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

/** Parses a {@link Time} to milliseconds since the epoch. */
export const msOf = (time: Time): number => Date.parse(time)

/** Adds `ms` to a time. */
export const after = (time: Time, ms: number): Time => timeOf(msOf(time) + ms)

/** The later of two times. */
export const later = (a: Time, b: Time): Time => (a < b ? b : a)
