/**
 * Elapsed time: the scale on which leases, delays and retries are measured.
 *
 * ```
 *   wall clock     12:00 ─── 12:01 ─── set a day ahead ─── set right ─── 12:03      orders nothing, measures nothing
 *   boot clock      100 s ─── 160 s ────── 220 s ─────────── 280 s ───── 280 s      cannot be set; ends with the boot
 *   elapsed time   12:00 ─── 12:01 ─────── 12:02 ─────────── 12:03 ───── 12:03      follows the boot clock
 *   time on lines  12:00 ─── 12:01 ─── tomorrow 12:02 ────── tomorrow 12:02         never goes back
 * ```
 *
 * A wall clock can be wrong, so that the times of two lines do not say how long it was between them. Within one boot of
 * a machine its boot clock does. An event says what the boot clock of its writer was (`boot`, `up_ms`) if the wall clock
 * moved against it by more than {@link toleranceMs} since the last event that did so, or if it is another boot's. If the
 * wall clock was behind the log, it also says what the wall clock was (`clock`), as `time` never goes back.
 *
 * Elapsed time is the wall clock plus a shift, which is 0 as long as nobody sets the clock: then all three scales are one.
 * The state and all decisions are on it. {@link onElapsed} brings an event there, {@link onLine} brings it back.
 */
import type { Event } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'

/** What the clocks of a machine say at one instant, in milliseconds; a machine may have no boot clock that can be read. */
export type ClockReading = {
  /** The wall clock, since the epoch. */
  readonly nowMs: number
  /** Which start of the machine it is. */
  readonly boot?: string
  /** The boot clock: since that start, the time that the machine slept included. */
  readonly upMs?: number
}

/** How wall clocks relate to elapsed time, as far as the log tells. */
export type LogClock = {
  /** Elapsed time is the wall clock plus this many milliseconds. */
  readonly shiftMs: number
  /** One instant on both the boot clock and on elapsed time. */
  readonly anchor: { readonly boot: string; readonly upMs: number; readonly elapsedMs: number } | undefined
}

/** The clock of a log that has no event yet. */
export const unsetClock: LogClock = { shiftMs: 0, anchor: undefined }

/** What a state knows of time: the elapsed time of its last event, and the latest time on a line. */
export type Timeline = { readonly time: Time; readonly lineTime: Time; readonly clock: LogClock }

/** A wall clock that is corrected little by little moves less than this against the boot clock. */
const toleranceMs = 1000

/**
 * The clock of a log whose last event is at `time`, once a process with this reading writes to it; the same object if the
 * reading fits what the log tells.
 */
const clockAt = ({ time, clock }: Pick<Timeline, 'time' | 'clock'>, reading: ClockReading): LogClock => {
  const { nowMs, boot, upMs } = reading
  const { anchor, shiftMs } = clock
  if (boot === undefined || upMs === undefined) {
    // Without a boot clock, a clock that was set forward cannot be told from time that passed.
    const behindMs = time === '' ? 0 : msOf(time) - (nowMs + shiftMs)
    return behindMs > toleranceMs ? { shiftMs: shiftMs + behindMs, anchor } : clock
  }
  const fits = (elapsedMs: number): boolean => Math.abs(elapsedMs - nowMs - shiftMs) <= toleranceMs
  const isSameBoot = anchor?.boot === boot
  const expectedMs = isSameBoot ? anchor.elapsedMs + (upMs - anchor.upMs) : nowMs + shiftMs
  // Asked for every command: without a look at `time`, which would have to be parsed.
  if (isSameBoot && fits(expectedMs)) return clock
  const elapsedMs = time === '' ? expectedMs : Math.max(expectedMs, msOf(time))
  return { shiftMs: fits(elapsedMs) ? shiftMs : elapsedMs - nowMs, anchor: { boot, upMs, elapsedMs } }
}

/** Elapsed time at a reading that fits `clock`; never before the last event. */
export const elapsedAt = (last: Time, clock: LogClock, nowMs: number): Time =>
  later(timeOf(nowMs + clock.shiftMs), last)

/** A moment of elapsed time as a wall clock shows it that fits `clock`. */
export const onWallClock = <T extends Time | null | undefined>(time: T, { shiftMs }: LogClock): T =>
  typeof time !== 'string' || shiftMs === 0 ? time : (timeOf(msOf(time) - shiftMs) as T)

/** The moment `now` of a query, which is on elapsed time, as the wall clock shows it: views are told against that. */
export const wallClockMs = ({ clock }: Pick<Timeline, 'clock'>, now: Time): number => msOf(onWallClock(now, clock))

/** The state as a process sees it that reads its clocks now. */
export const seenAt = <S extends Timeline>(state: S, reading: ClockReading): S => {
  const clock = clockAt(state, reading)
  return clock === state.clock ? state : { ...state, clock }
}

/** What the clocks of an event's writer said, as far as its line tells. */
export const readingOf = ({ time, clock, boot, upMs }: Event): ClockReading => ({
  nowMs: msOf(clock ?? time),
  boot,
  upMs,
})

/** The timeline after an event, as it stands on its line. */
export const timelineAfter = (before: Timeline, event: Event): Timeline => {
  const { time, clock: wall, boot } = event
  const clock = wall === undefined && boot === undefined ? before.clock : clockAt(before, readingOf(event))
  const lineTime = later(before.lineTime, time)
  if (clock.shiftMs === 0) return { time: later(before.time, wall ?? time), lineTime, clock }
  return { time: elapsedAt(before.time, clock, msOf(wall ?? time)), lineTime, clock }
}

/** An event with its moments on elapsed time, where `time` is that of the event; the same object if its line has them already. */
export const onElapsed = <E extends Event>(event: E, time: Time): E =>
  time === event.time && event.clock === undefined
    ? event
    : moved(event, msOf(time) - msOf(event.clock ?? event.time), time)

/**
 * Some of a log's events on elapsed time, up to `now`, in the order of their lines. What stood between them is not known,
 * so a line of a wrong clock is only placed by its boot clock, if it has one, or between its neighbours.
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
    // Once a clock was set forward, lines tell nothing of the shift; one from before comes out before the anchor.
    const isSince = anchor !== undefined && shiftMs < 0 && shifted >= anchor.elapsedMs - toleranceMs
    const wall = clock === undefined && !isSince ? time : timeOf(shifted)
    const told = isOfThisBoot ? timeOf(anchor.elapsedMs + upMs - anchor.upMs) : wall
    // Without a boot clock, it is not known which clock was wrong.
    last = later(last, anchor === undefined || told < now ? told : now)
    return onElapsed(line, last)
  })
}

/**
 * Events that were decided on elapsed time, as they stand on lines after `state`: with what the writer's clocks say, if that
 * does not follow from the log. `clock` is that of the state as the writer sees it, whose wall clock is at `nowMs`.
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

/** The event at `time`, with the moments that it names moved by `ms`. */
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
