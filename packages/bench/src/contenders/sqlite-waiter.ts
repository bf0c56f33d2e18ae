import { benchKind } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measurement.ts'
import type { OpenWaitingContender, ClaimTiming } from './waiting-contender.ts'
import { openSqliteTable } from './sqlite-table.ts'

/**
 * A table in SQLite, polled every `pollMs`: SQLite does not notify other processes of a change. As polling workers do,
 * it queries again at once after completing a task, and sleeps if there is none.
 */
export const openSqliteWaiter: OpenWaitingContender = async (dir, worker, pollMs) => {
  const table = openSqliteTable(dir, 'synced', benchKind)
  let newTimings: Array<ClaimTiming> = []

  const claimAll = (): void => {
    for (let wokeMs = nowMs(); ; wokeMs = nowMs()) {
      const row = table.claim(worker)
      if (row === undefined) return
      newTimings.push({ n: row.id, wokeMs, claimedMs: nowMs() })
      table.complete(worker, row)
    }
  }

  const poll = (): void => {
    claimAll()
    setTimeout(poll, pollMs)
  }

  return {
    // SQLite numbers the rows 1, 2, 3 …
    add: async () => {
      const fromMs = nowMs()
      table.add(benchKind, 1)
      return { fromMs, returnedMs: nowMs() }
    },
    // Processes that started at the same time would otherwise always poll at the same time.
    wait: () => void setTimeout(poll, Math.random() * pollMs),
    takeTimings: () => {
      const timings = newTimings
      newTimings = []
      return timings
    },
  }
}
