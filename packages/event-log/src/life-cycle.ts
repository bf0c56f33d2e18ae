import * as E from 'fp-ts/lib/Either.js'
import type { Closed } from './log-failure.ts'

/**
 * The life of a log, a workspace or a queue, the same for all of them:
 *
 * ```
 *   open ──close()──► closing ──nothing is in flight──► release ──► closed
 *    │                  │
 *    calls begin        calls in flight go on; one that is still undecided after graceMs gives up
 *                       calls that begin answer `Closed`, here and ever after
 * ```
 */
export type LifeCycle = {
  readonly isOpen: () => boolean
  /** Begins a call, which must {@link LifeCycle.end}; false: too late, it is to answer {@link closed}. */
  readonly begin: () => boolean
  readonly end: () => void
  /** Runs a whole call. */
  readonly during: <L, A>(call: () => Promise<E.Either<L, A>>) => Promise<E.Either<L | Closed, A>>
  /** Whether a call in flight that nothing was decided of is to give up. */
  readonly isOverdue: () => boolean
  /** Calls `told` when closing begins, at once where it has; the answer takes that back. `told` must not throw. */
  readonly onClosing: (told: () => void) => () => void
  /** Closes, once however often it is asked: waits for what is in flight, then for `release`. */
  readonly close: (release: () => Promise<void> | void) => Promise<void>
}

/** What calls answer that come too late. */
export const closed: E.Either<Closed, never> = E.left({ failure: 'Closed' })

/** Long enough for a command that waits its turn among others, short for whoever wants to end. */
const graceMs = 500

const uptimeMs = (): number => process.uptime() * 1000

/** A life that begins open. */
export const lifeCycle = (monotonicMs: () => number = uptimeMs): LifeCycle => {
  const listeners = new Set<() => void>()
  let inFlight = 0
  let closingSince: number | undefined
  let drained: (() => void) | undefined
  let closing: Promise<void> | undefined

  const isOpen = (): boolean => closingSince === undefined
  const begin = (): boolean => {
    if (closingSince !== undefined) return false
    inFlight += 1
    return true
  }
  const end = (): void => {
    inFlight -= 1
    if (inFlight === 0) drained?.()
  }
  const closeOnce = async (release: () => Promise<void> | void): Promise<void> => {
    for (const told of [...listeners]) told()
    listeners.clear()
    if (inFlight > 0)
      await new Promise<void>(resolve => {
        // A turn later: whoever waited for an answer has it before who waits for the end.
        drained = () => setImmediate(resolve)
      })
    await release()
  }

  return {
    isOpen,
    begin,
    end,
    // Not by `finally` of the promise, which takes three times as long: every command comes by here.
    during: async call => {
      if (!begin()) return closed
      try {
        return await call()
      } finally {
        end()
      }
    },
    isOverdue: () => closingSince !== undefined && monotonicMs() - closingSince >= graceMs,
    onClosing: told => {
      if (isOpen()) listeners.add(told)
      else told()
      return () => void listeners.delete(told)
    },
    close: release => {
      if (closing !== undefined) return closing
      closingSince = monotonicMs()
      closing = closeOnce(release)
      return closing
    },
  }
}
