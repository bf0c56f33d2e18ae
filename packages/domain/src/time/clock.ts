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
 * The state and all decisions use elapsed time. {@link toElapsedEvent} converts an event to it, and
 * {@link toLineEvents} converts it back.
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
export const initialClock: LogClock = { shiftMs: 0, anchor: undefined }

/** The times of a state: the elapsed time of its last event, and the latest time on a line. */
export type Timeline = { readonly time: Time; readonly lineTime: Time; readonly clock: LogClock }

/** A wall clock that is slewed (corrected gradually) moves less than this against the boot clock. */
const toleranceMs = 1000

/**
 * The clock of a log whose last event is at `time`, after a process with this reading has written to it; the same
 * object if the reading agrees with the log.
 */
const updateClock = ({ time, clock }: Pick<Timeline, 'time' | 'clock'>, reading: ClockReading): LogClock => {
  const { nowMs, boot, upMs } = reading
  const { anchor, shiftMs } = clock
  if (boot === undefined || upMs === undefined) {
    // Without a boot clock, a clock that was set forward cannot be distinguished from time that passed.
    const behindMs = time === '' ? 0 : timeToMs(time) - (nowMs + shiftMs)
    return behindMs > toleranceMs ? { shiftMs: shiftMs + behindMs, anchor } : clock
  }
  const fits = (elapsedMs: number): boolean => Math.abs(elapsedMs - nowMs - shiftMs) <= toleranceMs
  const isSameBoot = anchor?.boot === boot
  const expectedMs = isSameBoot ? anchor.elapsedMs + (upMs - anchor.upMs) : nowMs + shiftMs
  // Runs for every command, so it avoids parsing `time`.
  if (isSameBoot && fits(expectedMs)) return clock
  const elapsedMs = time === '' ? expectedMs : Math.max(expectedMs, timeToMs(time))
  return { shiftMs: fits(elapsedMs) ? shiftMs : elapsedMs - nowMs, anchor: { boot, upMs, elapsedMs } }
}

/** Converts a wall clock reading to elapsed time; never before the last event. */
export const toElapsedTime = (last: Time, clock: LogClock, nowMs: number): Time =>
  laterTime(timeFromMs(nowMs + clock.shiftMs), last)

/** Converts elapsed time to wall clock time. */
export const toWallTime = <T extends Time | null | undefined>(time: T, { shiftMs }: LogClock): T =>
  typeof time !== 'string' || shiftMs === 0 ? time : (timeFromMs(timeToMs(time) - shiftMs) as T)

/** Converts the `now` of a query, which is elapsed time, to milliseconds of the wall clock, which views display. */
export const toWallTimeMs = ({ clock }: Pick<Timeline, 'clock'>, now: Time): number => timeToMs(toWallTime(now, clock))

/** The state with its clock adjusted to a new reading. */
export const withReading = <S extends Timeline>(state: S, reading: ClockReading): S => {
  const clock = updateClock(state, reading)
  return clock === state.clock ? state : { ...state, clock }
}

/** The clock reading of an event's writer, as far as its line has it. */
export const getReading = ({ time, clock, boot, upMs }: Event): ClockReading => ({
  nowMs: timeToMs(clock ?? time),
  boot,
  upMs,
})

/** Advances a timeline by an event as read from its line. */
export const advanceTimeline = (before: Timeline, event: Event): Timeline => {
  const { time, clock: wallTime, boot } = event
  const clock = wallTime === undefined && boot === undefined ? before.clock : updateClock(before, getReading(event))
  const lineTime = laterTime(before.lineTime, time)
  if (clock.shiftMs === 0) return { time: laterTime(before.time, wallTime ?? time), lineTime, clock }
  return { time: toElapsedTime(before.time, clock, timeToMs(wallTime ?? time)), lineTime, clock }
}

/**
 * Converts the times of an event to elapsed time; `time` is that of the event. Returns the same object if nothing
 * changes.
 */
export const toElapsedEvent = <E extends Event>(event: E, time: Time): E =>
  time === event.time && event.clock === undefined
    ? event
    : shiftEvent(event, timeToMs(time) - timeToMs(event.clock ?? event.time), time)

/**
 * Converts some events of a log, in order, to elapsed time up to `now`. The events between them are unknown, so a line
 * from a wrong clock is placed by its boot clock, if it has one, or else between its neighbours.
 */
export const toElapsedEvents = <E extends Event>(
  lines: ReadonlyArray<E>,
  { anchor, shiftMs }: LogClock,
  now: Time,
): ReadonlyArray<E> => {
  let last: Time = ''
  return lines.map(line => {
    const { time, clock, boot, upMs } = line
    const isThisBoot = anchor !== undefined && boot === anchor.boot && upMs !== undefined
    const shiftedMs = timeToMs(clock ?? time) + shiftMs
    // After a clock was set forward, lines have no reading of the shift; an earlier line results in a time before the
    // anchor.
    const isAfterAnchor = anchor !== undefined && shiftMs < 0 && shiftedMs >= anchor.elapsedMs - toleranceMs
    const wallTime = clock === undefined && !isAfterAnchor ? time : timeFromMs(shiftedMs)
    const estimate = isThisBoot ? timeFromMs(anchor.elapsedMs + upMs - anchor.upMs) : wallTime
    // Without a boot clock, it is unknown which clock was wrong.
    last = laterTime(last, anchor === undefined || estimate < now ? estimate : now)
    return toElapsedEvent(line, last)
  })
}

/**
 * Converts events from elapsed time to the lines that follow `state`, with readings of the writer's clocks if they do
 * not follow from the log. `clock` is that of the state adjusted to the writer, whose wall clock reads `nowMs`.
 */
export const toLineEvents = (
  state: Timeline,
  clock: LogClock,
  nowMs: number,
  events: ReadonlyArray<Event>,
): ReadonlyArray<Event> => {
  const [first] = events
  if (first === undefined) return events
  const wallTime = timeFromMs(nowMs)
  const time = laterTime(wallTime, state.lineTime)
  const isBehind = time !== wallTime && timeToMs(time) - nowMs > toleranceMs
  if (clock === state.clock && clock.shiftMs === 0 && first.time === time && !isBehind) return events
  const shiftMs = timeToMs(isBehind ? wallTime : time) - timeToMs(first.time)
  const anchor = clock.anchor === state.clock.anchor ? undefined : clock.anchor
  return events.map((event, i) => {
    const line = { ...shiftEvent(event, shiftMs, time), clock: isBehind ? wallTime : undefined }
    return i > 0 || anchor === undefined ? line : { ...line, boot: anchor.boot, upMs: anchor.upMs }
  })
}

/** The event at `time`, with its other times shifted by `ms`. */
const shiftEvent = <E extends Event>(event: E, ms: number, time: Time): E => {
  if (ms === 0 && time === event.time) return event
  const shift = <T extends Time | null | undefined>(value: T): T =>
    typeof value === 'string' ? (timeFromMs(timeToMs(value) + ms) as T) : value
  if (event.event === 'claimed' || event.event === 'renewed')
    return { ...event, leaseUntil: shift(event.leaseUntil), time }
  if (event.event === 'failed') return { ...event, retryAt: shift(event.retryAt), time }
  if ((event.event === 'added' || event.event === 'amended') && event.notBefore !== undefined)
    return { ...event, notBefore: shift(event.notBefore), time }
  return { ...event, time }
}

type FormattedTime = { readonly ms: number; readonly time: Time }

let last: FormattedTime = { ms: Number.NaN, time: '' }

let previous = last

/**
 * Formats `ms` since the epoch as a {@link Time}. The last two results are cached: a burst of commands has the same
 * millisecond and the same end of its leases.
 */
export const timeFromMs = (ms: number): Time => {
  if (ms === last.ms) return last.time
  const cached = ms === previous.ms ? previous : { ms, time: formatIso(ms) }
  previous = last
  last = cached
  return cached.time
}

const dayMs = 86_400_000

let lastDay = { day: Number.NaN, text: '' }

/**
 * The same as `toISOString`, which makes Node 20 load the system time zones: 0.15 ms in a process that runs one
 * command. Years outside the supported range still use it.
 */
const formatIso = (ms: number): Time => {
  const wholeMs = Math.trunc(ms)
  const day = Math.floor(wholeMs / dayMs)
  if (!(day >= firstDay && day < endDay)) return new Date(ms).toISOString()
  if (day !== lastDay.day) {
    const date = new Date(day * dayMs)
    lastDay = {
      day,
      text: `${date.getUTCFullYear()}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}T`,
    }
  }
  const msOfDay = wholeMs - day * dayMs
  const seconds = Math.floor(msOfDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const milliseconds = String(1000 + (msOfDay % 1000)).slice(1)
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`
  return `${lastDay.text}${clock}.${milliseconds}Z`
}

const [firstDay, endDay] = [Date.UTC(1900, 0) / dayMs, Date.UTC(10_000, 0) / dayMs]

const twoDigits = (n: number): string => (n < 10 ? `0${n}` : String(n))

/** Parses a {@link Time} to milliseconds since the epoch. */
export const timeToMs = (time: Time): number => Date.parse(time)

/** Adds `ms` to a time. */
export const addMs = (time: Time, ms: number): Time => timeFromMs(timeToMs(time) + ms)

/** The later of two times. */
export const laterTime = (a: Time, b: Time): Time => (a < b ? b : a)
