import { benchKind } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measuring.ts'
import { bulkTasks, type Tally, tallyOf, type Way } from '../measure/shift.ts'
import type { OpenContender } from './contender.ts'
import { openSqliteTable, type SqliteTable } from './sqlite-table.ts'

/** The calls of SQLite are synchronous, and so are its loops: it does not have to wait for promises. */
type Loop = (table: SqliteTable, worker: string, tally: Tally) => void

const isBusy = (thrown: unknown): boolean => String((thrown as { code?: unknown }).code).startsWith('SQLITE_BUSY')

/** Repeats `body` if other processes had the database locked for the whole timeout. */
const patiently = <A>(body: () => A): A => {
  for (;;) {
    try {
      return body()
    } catch (thrown) {
      if (!isBusy(thrown)) throw thrown
    }
  }
}

const halves: Loop = (table, worker, tally) => {
  for (let before = nowMs(); tally.goesOn(before);) {
    const row = patiently(() => table.claim(worker))
    const claimedAt = nowMs()
    if (row === undefined) return tally.ranOut(before)
    patiently(() => table.complete(worker, row))
    const after = nowMs()
    tally.claimed(before, claimedAt)
    tally.finished(before, after)
    before = after
  }
}

const settle: Loop = (table, worker, tally) => {
  let row = patiently(() => table.claim(worker))
  for (let before = nowMs(); tally.goesOn(before);) {
    const held = row
    if (held === undefined) return tally.ranOut(before)
    row = patiently(() => table.settle(worker, held))
    const after = nowMs()
    tally.claimed(before, after)
    tally.finished(before, after)
    before = after
  }
}

const hold: Loop = (table, worker, tally) => {
  for (let before = nowMs(); tally.goesOn(before); before = nowMs()) {
    const row = patiently(() => table.claim(worker))
    const claimedAt = nowMs()
    if (row === undefined) return tally.ranOut(before)
    tally.claimed(before, claimedAt)
    tally.finished(before, claimedAt)
    patiently(() => table.release(worker, row))
  }
}

const adding =
  (tasksAtOnce: number): Loop =>
  (table, _, tally) => {
    for (let before = nowMs(); tally.goesOn(before);) {
      patiently(() => table.add(benchKind, tasksAtOnce))
      const after = nowMs()
      tally.finished(before, after, tasksAtOnce)
      before = after
    }
  }

const loops: Readonly<Record<Way, Loop>> = { halves, settle, hold, add: adding(1), bulk: adding(bulkTasks) }

/** A table in SQLite, in the database at `dir`. */
export const openSqlite: OpenContender = async (dir, syncing, name) => {
  const table = openSqliteTable(dir, syncing, benchKind)
  return {
    work: async shift => {
      const tally = tallyOf(shift)
      loops[shift.way](table, name, tally)
      return tally.work()
    },
    close: async () => table.close(),
  }
}
