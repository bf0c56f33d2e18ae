import type { LogWatch } from '@claimlog/event-log'
import { pause } from '@claimlog/workspace'
import type { LeaseKeeper, LeaseKeeperOptions } from './lease-keeper.ts'

/** The state to watch, and the notification that it changed. */
type WatchedState = { readonly watch: () => LogWatch; readonly query: LeaseKeeperOptions['query'] }

/** The shortest time between two checks while one append follows the other. */
const checkPauseMs = 100

/**
 * Shows the state to every claim whenever the log has grown, until `signal` aborts, so that work on a task that was
 * cancelled or claimed by another worker stops before its next renewal. Read failures are left to the commands, which
 * report them.
 */
export const watchClaims = async (
  { watch: startWatch, query }: WatchedState,
  keepers: ReadonlySet<LeaseKeeper>,
  signal: AbortSignal,
): Promise<void> => {
  const watch = startWatch()
  try {
    while (!signal.aborted) {
      await watch.next(signal)
      // A worker that has ended must not wait for the pause.
      if (signal.aborted) return
      if (keepers.size > 0)
        await query(state => {
          for (const keeper of keepers) keeper.check(state)
        })()
      await pause(checkPauseMs, signal)
    }
  } finally {
    watch.close()
  }
}
