import { monotonicMs } from './connection.ts'

/** The server's clock, as of its last answer, and the time that has passed here since. */
export type ServerClock = {
  readonly now: () => number
  /** True if the last answer is so old that this machine may have slept since, which its own clock does not count. */
  readonly isStale: () => boolean
  readonly set: (atMs: number) => void
}

const staleMs = 5000

/** The times of events are before the year 9000. */
const clockMsMax = Date.UTC(9000)

/** True for a time that the clock of a server can show. */
export const isClockTime = (ms: number): boolean => ms >= 0 && ms < clockMsMax

export const serverClock = (atMs: number): ServerClock => {
  let last = { atMs, receivedMs: monotonicMs(), wallMs: Date.now() }
  return {
    now: () => last.atMs + (monotonicMs() - last.receivedMs),
    // The wall clock counts sleep; it is used as a hint only.
    isStale: () => Math.max(monotonicMs() - last.receivedMs, Math.abs(Date.now() - last.wallMs)) > staleMs,
    set: nextMs => {
      if (isClockTime(nextMs)) last = { atMs: nextMs, receivedMs: monotonicMs(), wallMs: Date.now() }
    },
  }
}
