import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { ClockReading } from '@claimlog/domain'

/** Reads the clocks of the machine. */
export type Clock = () => ClockReading

/** How far the wall clock may move against the process's own clock before the boot clock is read again. */
const driftMs = 100
/** How old a reading of the boot clock may be: the process's own clock stands still while the machine sleeps. */
const maxAgeMs = 1000

/** Both as the process had them when the boot clock was read; `driftMs` compares later readings with them. */
type BootReading = { readonly upMs: number; readonly wallMs: number; readonly processMs: number }

/**
 * The clocks of this machine: the wall clock and, on Linux, the kernel's boot clock, which nobody can set and which counts
 * while the machine sleeps. A library that fakes clocks for a process does not reach the file that it is read from.
 *
 * The file is read by a process once, and again if a second has passed or the wall clock was set: reading it takes 4 µs,
 * a tenth of a claim.
 */
export const machineClock = (): Clock => {
  let boot: string | undefined
  let last: BootReading | undefined
  return () => {
    const wallMs = Date.now()
    const processMs = process.uptime() * 1000
    boot ??= readBoot()
    if (boot === '') return { nowMs: wallMs }
    if (last === undefined || isStale(last, wallMs, processMs)) {
      const upMs = readUptime()
      if (upMs === undefined) return { nowMs: wallMs }
      last = { upMs, wallMs, processMs }
    }
    return { nowMs: wallMs, boot, upMs: Math.round(last.upMs + processMs - last.processMs) }
  }
}

const isStale = (last: BootReading, wallMs: number, processMs: number): boolean => {
  const passedMs = processMs - last.processMs
  return passedMs < 0 || passedMs > maxAgeMs || Math.abs(wallMs - last.wallMs - passedMs) > driftMs
}

/** Enough to tell the boots of one machine apart; '': there is no boot clock to be read. */
const readBoot = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8)
  } catch {
    return ''
  }
}

const uptimePattern = /^(\d+)\.(\d\d) /

/** Milliseconds since the machine was started; undefined: the system does not tell. */
const readUptime = (): number | undefined => {
  let fd: number | undefined
  try {
    fd = openSync('/proc/uptime', 'r')
    const bytes = Buffer.allocUnsafe(64)
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, 64, 0))
    const [, seconds, hundredths] = uptimePattern.exec(text) ?? []
    return seconds === undefined ? undefined : Number(seconds) * 1000 + Number(hundredths) * 10
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
