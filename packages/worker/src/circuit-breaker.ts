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
  readonly recordClaim: () => void
  /** The worker failed to do its part. */
  readonly recordFailure: () => void
  /** A task was released by its own handler, which may do so again at once. */
  readonly recordRelease: () => void
  /** A task was finished: the worker has done its part. */
  readonly recordSuccess: () => void
  /** Number of failures in a row. */
  readonly failureCount: () => number
}

const pauseMsMin = 500
const releasePauseMsMin = 100
const pauseMsMax = 30_000
const releasePauseMsMax = 5000

const resetMs = 30_000

/** A task claimed longer ago than this that has not failed to start has started. */
const startMs = 1000

type CircuitBreakerOptions = { readonly random?: () => number; readonly monotonicMs?: () => number }

export const circuitBreaker = ({
  random = Math.random,
  monotonicMs = () => performance.now(),
}: CircuitBreakerOptions = {}): CircuitBreaker => {
  let [failures, level, releases, openUntilMs, failedAtMs] = [0, 0, 0, 0, -Infinity]
  let isHalfOpen = false
  const openBreaker = (firstMs: number, doublings: number, maxPauseMs: number): void => {
    // Between three and five quarters of the pause, so that the workers of a machine do not synchronise.
    const ms = Math.min(firstMs * 2 ** (doublings - 1), maxPauseMs) * (0.75 + random() / 2)
    openUntilMs = monotonicMs() + ms
  }
  return {
    waitMs: () => Math.max(0, openUntilMs - monotonicMs()),
    recordClaim: () => {
      isHalfOpen = level > 0
      if (isHalfOpen) openUntilMs = monotonicMs() + startMs
    },
    recordFailure: () => {
      // Several tasks claimed at once fail for one reason, and count once.
      if (!isHalfOpen && monotonicMs() < openUntilMs) return
      isHalfOpen = false
      failures += 1
      level += 1
      failedAtMs = monotonicMs()
      openBreaker(pauseMsMin, level, pauseMsMax)
    },
    recordRelease: () => {
      failures = 0
      releases += 1
      openBreaker(releasePauseMsMin, releases, releasePauseMsMax)
    },
    recordSuccess: () => {
      failures = 0
      releases = 0
      if (monotonicMs() - failedAtMs < resetMs) return
      level = 0
      openUntilMs = 0
    },
    failureCount: () => failures,
  }
}
