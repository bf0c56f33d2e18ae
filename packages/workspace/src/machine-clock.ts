import { type ClockReading, timeToMs, type State } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { readHead } from '@claimlog/event-log-file'
import type { LogAhead } from './workspace-notice.ts'

/** Reads the clocks that commands are decided by. */
export type Clock = () => ClockReading

/**
 * For this long after the boot clock was read, it is extrapolated from the wall clock. If the wall clock is set by less
 * than this meanwhile, the boot clock is off by the same amount for that long: a quarter of the smallest difference
 * that counts.
 */
const ageMsMax = 250

/** A reading of the boot clock, and of the wall clock at the same instant. */
type BootReading = { readonly upMs: number; readonly wallMs: number }

/**
 * The clocks of this machine: the wall clock and, on Linux, the kernel's boot clock, which cannot be set and which also
 * counts while the machine sleeps. It is read from a file, so a library that fakes the clocks of a process does not
 * affect it.
 *
 * The file is read at most four times a second, or after the wall clock was set: a read takes 4 µs, a tenth of a claim.
 */
const machineClock = (): Clock => {
  let boot: string | undefined
  let last: BootReading | undefined
  return () => {
    const wallMs = Date.now()
    boot ??= readBootId()
    if (boot === '') return { nowMs: wallMs }
    if (last === undefined || isStale(last, wallMs)) {
      const upMs = readUptime()
      if (upMs === undefined) return { nowMs: wallMs }
      last = { upMs, wallMs }
    }
    return { nowMs: wallMs, boot, upMs: last.upMs + wallMs - last.wallMs }
  }
}

/**
 * The clock of `log`: its own, if machines share it, as their clocks differ; else the clocks of this machine. The log's
 * own clock is that of its last answer, so this is read after reading the log.
 */
export const readClocks = (log: Pick<EventLog<never>, 'now'>): Clock => {
  const readMachine = machineClock()
  return () => {
    const nowMs = log.now()
    return nowMs === undefined ? readMachine() : { nowMs: Math.trunc(nowMs) }
  }
}

const isStale = (last: BootReading, wallMs: number): boolean => wallMs < last.wallMs || wallMs - last.wallMs > ageMsMax

/** Enough to distinguish the boots of one machine; '': there is no readable boot clock. */
const readBootId = (): string => readSystemFile('/proc/sys/kernel/random/boot_id').slice(0, 8)

/** Milliseconds since the machine booted; undefined: not available. */
const readUptime = (): number | undefined => {
  // `12345.67 23456.78`, in seconds: the first is since the start of the machine.
  const upMs = Math.round(Number.parseFloat(readSystemFile('/proc/uptime')) * 1000)
  return Number.isSafeInteger(upMs) && upMs >= 0 ? upMs : undefined
}

/** Not `readFileSync`, which allocates 64 KiB for a file whose size the system does not report. */
const readSystemFile = (path: string): string => {
  try {
    return readHead(path)
  } catch {
    return ''
  }
}

/** The clocks of a machine that rebooted, or of a copy from another machine, differ by a little. */
export const clockSkewMsMax = 60_000

/** The same clock; notifies once if it is read while the latest time on a line of the log is ahead of it. */
export const monitoredClock = (
  clock: Clock,
  log: Pick<EventLog<never>, 'now'>,
  state: () => State,
  notify: (notice: LogAhead) => void,
): Clock => {
  let isNotified = false
  let lastLineTime = ''
  return () => {
    const reading = clock()
    const { lineTime, time } = state()
    // If elapsed time equals the time of the lines, no difference was noticed since the first check.
    if (isNotified || lineTime === '' || (lastLineTime !== '' && lineTime === time)) return reading
    lastLineTime = lineTime
    isNotified = timeToMs(lineTime) - reading.nowMs > clockSkewMsMax
    if (isNotified)
      notify({
        ...{ notice: 'LogAhead', time: lineTime, nowMs: reading.nowMs },
        clock: log.now() === undefined ? 'machine' : 'log',
      })
    return reading
  }
}
