/**
 * Keeps a worker on a broken machine from failing through its queue, and from filling the log with claims that it
 * releases.
 *
 * ```
 *   closed ──a task could not be started──► open        no task is claimed for a while, twice as long each time
 *     ▲                                     │  ▲
 *     │ half a minute without a failure     ▼  │ the next one could not be started either
 *     └──────────────────────────────── half-open       one task is claimed, and more one by one
 * ```
 *
 * Work that has started continues from task to task meanwhile: if only some commands can run at once, because the
 * number of open files is limited, these are not delayed.
 */
export type CircuitBreaker = {
  /** The time during which no task may be claimed, in milliseconds. */
  readonly waitMs: () => number
  /** A task was claimed. */
  readonly taken: () => void
  /** The worker failed to do its part. */
  readonly failed: () => void
  /** A task was released by its own handler, which may do so again at once. */
  readonly released: () => void
  /** A task was finished: the worker has done its part. */
  readonly succeeded: () => void
  /** Number of failures in a row. */
  readonly failures: () => number
}

const firstPauseMs = 500
const firstPauseAfterReleaseMs = 100
const longestPauseMs = 30_000
const longestPauseAfterReleaseMs = 5000

const calmMs = 30_000

/** A task claimed longer ago than this that has not failed to start has started. */
const startMs = 1000

type Options = { readonly random?: () => number; readonly monotonicMs?: () => number }

export const circuitBreaker = ({
  random = Math.random,
  monotonicMs = () => performance.now(),
}: Options = {}): CircuitBreaker => {
  let [failures, level, releases, openUntil, failedAt] = [0, 0, 0, 0, -Infinity]
  let isHalfOpen = false
  const openFor = (firstMs: number, times: number, mostMs: number): void => {
    // Between three and five quarters of the pause, so that the workers of a machine do not synchronise.
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
      // Several tasks claimed at once fail for one reason, and count once.
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
