import { benchKind } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measurement.ts'
import { tasksPerBulkAdd, type WorkCounter, createWorkCounter, type Workload } from '../measure/workload.ts'
import type { OpenContender } from './contender.ts'
import { openSqliteTable, type SqliteTable } from './sqlite-table.ts'

/** The calls of SQLite are synchronous, and so are its loops: it does not have to wait for promises. */
type SqliteLoop = (table: SqliteTable, worker: string, counter: WorkCounter) => void

const isBusy = (thrown: unknown): boolean => String((thrown as { code?: unknown }).code).startsWith('SQLITE_BUSY')

/** Repeats `body` if other processes had the database locked for the whole timeout. */
const retryWhileBusy = <A>(body: () => A): A => {
  for (;;) {
    try {
      return body()
    } catch (thrown) {
      if (!isBusy(thrown)) throw thrown
    }
  }
}

const halves: SqliteLoop = (table, worker, counter) => {
  for (let before = nowMs(); counter.isRunning(before);) {
    const row = retryWhileBusy(() => table.claim(worker))
    const claimedAt = nowMs()
    if (row === undefined) return counter.endPhase(before)
    retryWhileBusy(() => table.complete(worker, row))
    const after = nowMs()
    counter.recordClaim(before, claimedAt)
    counter.recordWork(before, after)
    before = after
  }
}

const settle: SqliteLoop = (table, worker, counter) => {
  let row = retryWhileBusy(() => table.claim(worker))
  for (let before = nowMs(); counter.isRunning(before);) {
    const claimedRow = row
    if (claimedRow === undefined) return counter.endPhase(before)
    row = retryWhileBusy(() => table.completeAndClaim(worker, claimedRow))
    const after = nowMs()
    counter.recordClaim(before, after)
    counter.recordWork(before, after)
    before = after
  }
}

const hold: SqliteLoop = (table, worker, counter) => {
  for (let before = nowMs(); counter.isRunning(before); before = nowMs()) {
    const row = retryWhileBusy(() => table.claim(worker))
    const claimedAt = nowMs()
    if (row === undefined) return counter.endPhase(before)
    counter.recordClaim(before, claimedAt)
    counter.recordWork(before, claimedAt)
    retryWhileBusy(() => table.release(worker, row))
  }
}

const createAddLoop =
  (tasksPerCall: number): SqliteLoop =>
  (table, _, counter) => {
    for (let before = nowMs(); counter.isRunning(before);) {
      retryWhileBusy(() => table.add(benchKind, tasksPerCall))
      const after = nowMs()
      counter.recordWork(before, after, tasksPerCall)
      before = after
    }
  }

/** SQLite has no worker of its own. */
const loops: Readonly<Record<Exclude<Workload, 'worker'>, SqliteLoop>> = {
  halves,
  settle,
  hold,
  add: createAddLoop(1),
  bulk: createAddLoop(tasksPerBulkAdd),
}

/** A table in SQLite, in the database at `dir`. */
export const openSqlite: OpenContender = async (dir, syncing, name) => {
  const table = openSqliteTable(dir, syncing, benchKind)
  return {
    work: async phase => {
      const counter = createWorkCounter(phase)
      if (phase.workload === 'worker') throw new Error('SQLite has no worker')
      loops[phase.workload](table, name, counter)
      return counter.result()
    },
    close: async () => table.close(),
  }
}
