import type { LogWatch } from '@claimlog/event-log'
import { pause } from '@claimlog/workspace'
import type { Holding, HoldingOptions } from './holding.ts'

/** What is looked at, and what says when. */
type Watched = { readonly watch: () => LogWatch; readonly query: HoldingOptions['query'] }

/** How soon after an append a worker sees what it means for what it holds, where one follows the other. */
const pauseMs = 100

/**
 * Shows the state to every holding whenever the log has grown, until `signal` aborts: a task that was cancelled or went to
 * somebody else is not worked on until its next renewal. What cannot be read is left to the commands, which say so.
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
      // A worker that has ended is not to wait for the pause.
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
