import { benchKind } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measuring.ts'
import type { OpenWaitingContender, Taken } from './waiting-contender.ts'
import { openSqliteTable } from './sqlite-table.ts'

/**
 * A table in SQLite that is looked at every `pollMs`: nothing tells another process of a change. Who finds a task looks
 * again at once when it is done, and sleeps where there is none, as polling workers do.
 */
export const openSqliteWaiting: OpenWaitingContender = async (dir, worker, pollMs) => {
  const table = openSqliteTable(dir, 'synced', benchKind)
  let taken: Array<Taken> = []

  const takeAll = (): void => {
    for (let wokeMs = nowMs(); ; wokeMs = nowMs()) {
      const row = table.claim(worker)
      if (row === undefined) return
      taken.push({ n: row.id, wokeMs, heldMs: nowMs() })
      table.complete(worker, row)
    }
  }

  const poll = (): void => {
    takeAll()
    setTimeout(poll, pollMs)
  }

  return {
    // Rows are numbered 1, 2, 3 … by themselves.
    add: async () => {
      const fromMs = nowMs()
      table.add(benchKind, 1)
      return { fromMs, answeredMs: nowMs() }
    },
    // Several that started at once would look at once for ever.
    wait: () => void setTimeout(poll, Math.random() * pollMs),
    taken: () => {
      const sofar = taken
      taken = []
      return sofar
    },
  }
}
