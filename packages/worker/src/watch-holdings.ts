import type { LogWatch } from '@claimlog/event-log'
import { pause } from '@claimlog/workspace'
import type { Holding, HoldingOptions } from './holding.ts'

/** The state to watch, and the notification that it changed. */
type Watched = { readonly watch: () => LogWatch; readonly query: HoldingOptions['query'] }

/** The shortest time between two checks while one append follows the other. */
const pauseMs = 100

/**
 * Shows the state to every claim whenever the log has grown, until `signal` aborts, so that work on a task that was
 * cancelled or claimed by another worker stops before its next renewal. Read failures are left to the commands, which
 * report them.
 */
export const watchHoldings = async (
  { watch: beginWatch, query }: Watched,
  holdings: ReadonlySet<Holding>,
  signal: AbortSignal,
): Promise<void> => {
  const watch = beginWatch()
  try {
    while (!signal.aborted) {
      await watch.next(signal)
      // A worker that has ended must not wait for the pause.
      if (signal.aborted) return
      if (holdings.size > 0)
        await query(state => {
          for (const holding of holdings) holding.look(state)
        })()
      await pause(pauseMs, signal)
    }
  } finally {
    watch.close()
  }
}
