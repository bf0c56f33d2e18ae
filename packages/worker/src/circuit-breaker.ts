/**
 * Keeps a worker on a sick machine from running through its queue, and from filling the log with claims that it gives back.
 *
 * ```
 *   closed ──a task could not be started──► open        no task is taken for a while, twice as long each time
 *     ▲                                     │  ▲
 *     │ half a minute without a failure     ▼  │ that one could not be started either
 *     └──────────────────────────────── half-open       one task is taken, and more one by one
 * ```
 *
 * Work that has started goes on from task to task meanwhile: where some commands can run at once and more cannot, as too
 * few files may be open, those that can are not held up.
 */
export type CircuitBreaker = {
  /** For how long no task may be taken, in milliseconds. */
  readonly waitMs: () => number
  /** A task is taken. */
  readonly taken: () => void
  /** The worker could not do its part. */
  readonly failed: () => void
  /** A task was given back by its own work, which may do so again at once. */
  readonly released: () => void
  /** A task came to its end: the worker has done its part. */
  readonly succeeded: () => void
  /** How many tries in a row have failed. */
  readonly failures: () => number
}

const firstPauseMs = 500
const firstPauseAfterReleaseMs = 100
const longestPauseMs = 30_000
const longestPauseAfterReleaseMs = 5000

const calmMs = 30_000

/** A task that was taken so long ago, and has not failed to start, has started. */
const startMs = 1000

type Options = { readonly random?: () => number; readonly monotonicMs?: () => number }

export const circuitBreaker = ({
  random = Math.random,
  monotonicMs = () => performance.now(),
}: Options = {}): CircuitBreaker => {
  let [failures, level, releases, openUntil, failedAt] = [0, 0, 0, 0, -Infinity]
  let isHalfOpen = false
  const openFor = (firstMs: number, times: number, mostMs: number): void => {
    // Between three and five quarters, so that workers of one machine do not march in step.
    const ms = Math.min(firstMs * 2 ** (times - 1), mostMs) * (0.75 + random() / 2)
    openUntil = monotonicMs() + ms
  }
  return {
    waitMs: () => Math.max(0, openUntil - monotonicMs()),
    taken: () => {
      isHalfOpen = level > 0
      if (isHalfOpen) openUntil = monotonicMs() + startMs
    },
    failed: () => {
      // Several that were taken at once fail for one reason, and count once.
      if (!isHalfOpen && monotonicMs() < openUntil) return
      isHalfOpen = false
      failures += 1
      level += 1
      failedAt = monotonicMs()
      openFor(firstPauseMs, level, longestPauseMs)
    },
    released: () => {
      failures = 0
      releases += 1
      openFor(firstPauseAfterReleaseMs, releases, longestPauseAfterReleaseMs)
    },
    succeeded: () => {
      failures = 0
      releases = 0
      if (monotonicMs() - failedAt < calmMs) return
      level = 0
      openUntil = 0
    },
    failures: () => failures,
  }
}
