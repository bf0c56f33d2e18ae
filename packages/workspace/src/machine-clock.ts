import { type ClockReading, msOf, type State } from '@claimlog/domain'
import { firstBytes } from '@claimlog/event-log-file'
import type { LogAhead } from './workspace-notice.ts'

/** Reads the clocks of the machine. */
export type Clock = () => ClockReading

/**
 * For so long after the boot clock was read, the wall clock says how much time has passed on it. If it is set by less than
 * this meanwhile, the boot clock is off by as much for as long, a quarter of what a difference must be to count.
 */
const maxAgeMs = 250

/** The boot clock, and the wall clock at the same instant. */
type BootReading = { readonly upMs: number; readonly wallMs: number }

/**
 * The clocks of this machine: the wall clock and, on Linux, the kernel's boot clock, which nobody can set and which counts
 * while the machine sleeps. A library that fakes clocks for a process does not reach the file that it is read from.
 *
 * The file is read four times a second at most, or when the wall clock was set: reading it takes 4 µs, a tenth of a claim.
 */
export const machineClock = (): Clock => {
  let boot: string | undefined
  let last: BootReading | undefined
  return () => {
    const wallMs = Date.now()
    boot ??= readBoot()
    if (boot === '') return { nowMs: wallMs }
    if (last === undefined || isStale(last, wallMs)) {
      const upMs = readUptime()
      if (upMs === undefined) return { nowMs: wallMs }
      last = { upMs, wallMs }
    }
    return { nowMs: wallMs, boot, upMs: last.upMs + wallMs - last.wallMs }
  }
}

const isStale = (last: BootReading, wallMs: number): boolean => wallMs < last.wallMs || wallMs - last.wallMs > maxAgeMs

/** Enough to tell the boots of one machine apart; '': there is no boot clock to be read. */
const readBoot = (): string => systemFile('/proc/sys/kernel/random/boot_id').slice(0, 8)

/** Milliseconds since the machine was started; undefined: the system does not tell. */
const readUptime = (): number | undefined => {
  // `12345.67 23456.78`, in seconds: the first is since the start of the machine.
  const upMs = Math.round(Number.parseFloat(systemFile('/proc/uptime')) * 1000)
  return Number.isSafeInteger(upMs) && upMs >= 0 ? upMs : undefined
}

/** Not by `readFileSync`, which takes 64 KiB for a file whose length the system does not tell. */
const systemFile = (path: string): string => {
  try {
    return firstBytes(path)
  } catch {
    return ''
  }
}

/** Clocks of one machine that was started anew, or of a copy from another, are a little apart. */
export const littleAheadMs = 60_000

/** The same clock; tells once if it is read while the log's time is ahead of it. */
export const watchingClock = (clock: Clock, state: () => State, notify: (notice: LogAhead) => void): Clock => {
  let told = false
  let seen = ''
  return () => {
    const reading = clock()
    const { lineTime, time } = state()
    // Where elapsed time and that of the lines are one, nothing was noticed since the first look.
    if (told || lineTime === '' || (seen !== '' && lineTime === time)) return reading
    seen = lineTime
    told = msOf(lineTime) - reading.nowMs > littleAheadMs
    if (told) notify({ notice: 'LogAhead', time: lineTime, nowMs: reading.nowMs })
    return reading
  }
}
