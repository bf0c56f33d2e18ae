import { pause } from '@claimlog/workspace'
import type { Workspace } from '@claimlog/workspace'
import type { Holding } from './holding.ts'

/** How soon after an append a worker sees what it means for what it holds, where one follows the other. */
const pauseMs = 100

/**
 * Shows the state to every holding whenever the log has grown, until `signal` aborts: a task that was cancelled or went to
 * somebody else is not worked on until its next renewal. What cannot be read is left to the commands, which say so.
 */
export const watchHoldings = async (
  workspace: Workspace,
  holdings: ReadonlySet<Holding>,
  signal: AbortSignal,
): Promise<void> => {
  const watch = workspace.watch()
  try {
    while (!signal.aborted) {
      await watch.next(signal)
      // A worker that has ended is not to wait for the pause.
      if (signal.aborted) return
      if (holdings.size > 0)
        await workspace.read(state => {
          for (const holding of holdings) holding.look(state)
        })()
      await pause(pauseMs, signal)
    }
  } finally {
    watch.close()
  }
}
