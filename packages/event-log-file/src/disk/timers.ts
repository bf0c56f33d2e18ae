/** How time passes for a log that waits. Behind an interface so that a test can be the clock. */
export type Timers = {
  /** Milliseconds on a clock that nobody can set. */
  readonly monotonicMs: () => number
  /** Resolves after `ms`. */
  readonly sleep: (ms: number) => Promise<void>
  /** Resolves after about `ms` of less than a few, which timers cannot measure; may have the process stand still for it. */
  readonly nap: (ms: number) => Promise<void>
  /** Resolves once everything else that is due has had its turn. */
  readonly nextTurn: () => Promise<void>
  /** From 0 up to 1, drawn anew each time. */
  readonly random: () => number
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

/** The system's. Not `node:timers/promises`, nor `performance`: those take 1 and 3 ms to load. */
export const realTimers: Timers = {
  monotonicMs: () => process.uptime() * 1000,
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  nap: ms => {
    Atomics.wait(nobodyWakes, 0, 0, ms)
    return new Promise(resolve => setImmediate(resolve))
  },
  nextTurn: () => new Promise(resolve => setImmediate(resolve)),
  random: Math.random,
}
