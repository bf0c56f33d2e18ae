import { monotonicMs } from './connection.ts'

/** The server's clock, as of its last answer, and the time that has passed here since. */
export type ServerClock = {
  readonly now: () => number
  /** True if the last answer is so old that this machine may have slept since, which its own clock does not count. */
  readonly isStale: () => boolean
  readonly set: (atMs: number) => void
}

const staleMs = 5000

export const serverClock = (atMs: number): ServerClock => {
  let last = { atMs, receivedMs: monotonicMs(), wallMs: Date.now() }
  return {
    now: () => last.atMs + (monotonicMs() - last.receivedMs),
    // The wall clock counts sleep; it is used as a hint only.
    isStale: () => Math.max(monotonicMs() - last.receivedMs, Math.abs(Date.now() - last.wallMs)) > staleMs,
    set: nextMs => {
      if (Number.isFinite(nextMs)) last = { atMs: nextMs, receivedMs: monotonicMs(), wallMs: Date.now() }
    },
  }
}
