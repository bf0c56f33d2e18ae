import { join } from 'node:path'
import { type SqliteDatabase, openDatabase } from './peer.ts'
import type { SyncMode } from './contender.ts'

/** A claimed task; the attempt is the fencing token. */
type ClaimedRow = { readonly id: number; readonly attempt: number }

/** The queue that an application would write with SQLite instead. Every call is one transaction. */
export type SqliteTable = {
  /** undefined: no task is left. */
  readonly claim: (worker: string) => ClaimedRow | undefined
  readonly complete: (worker: string, row: ClaimedRow) => void
  readonly completeAndClaim: (worker: string, row: ClaimedRow) => ClaimedRow | undefined
  readonly release: (worker: string, row: ClaimedRow) => void
  readonly add: (kind: string, tasks: number) => void
  readonly close: () => void
}

const leaseMs = 900_000
/** The lock timeout of claimlog. */
const busyTimeoutMs = 10_000

/**
 * The index has only claimable rows: a claim removes a row from it, and completing a task touches no index. An index on
 * (status, kind, priority, id) over all rows is updated twice per cycle, and a cycle costs a third more.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ready',
    priority INTEGER NOT NULL DEFAULT 5,
    attempt INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    lease_until INTEGER,
    done_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS claimable ON tasks (kind, priority, id) WHERE status = 'ready';
`

const claimSql = `
  UPDATE tasks SET status = 'claimed', worker = ?, attempt = attempt + 1, lease_until = ?
  WHERE id = (SELECT id FROM tasks WHERE status = 'ready' AND kind = ? ORDER BY priority, id LIMIT 1)
  RETURNING id, attempt`
const completeSql = `
  UPDATE tasks SET status = 'done', done_at = ?
  WHERE id = ? AND worker = ? AND attempt = ? AND status = 'claimed'`
const releaseSql = `
  UPDATE tasks SET status = 'ready', worker = NULL, lease_until = NULL, attempt = attempt - 1
  WHERE id = ? AND worker = ? AND attempt = ? AND status = 'claimed'`

/** Opens the table in `dir`, and creates it if it is missing: WAL, synchronous FULL (`synced`) or NORMAL. */
export const openSqliteTable = (dir: string, syncing: SyncMode, kind: string): SqliteTable => {
  const database: SqliteDatabase = openDatabase(join(dir, 'queue.sqlite'), busyTimeoutMs)
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${syncing === 'synced' ? 'FULL' : 'NORMAL'}`)
  database.exec(schema)
  const claimOne = database.prepare(claimSql)
  const completeOne = database.prepare(completeSql)
  const releaseOne = database.prepare(releaseSql)
  const addOne = database.prepare('INSERT INTO tasks (kind) VALUES (?)')

  const claim = (worker: string) => claimOne.get(worker, Date.now() + leaseMs, kind) as ClaimedRow | undefined
  const complete = (worker: string, { id, attempt }: ClaimedRow): void => {
    if (completeOne.run(Date.now(), id, worker, attempt).changes !== 1) throw new Error(`${worker} lost task ${id}`)
  }
  const completeAndClaim = database.transaction((worker: string, row: ClaimedRow) => {
    complete(worker, row)
    return claim(worker)
  })
  const addMany = database.transaction((taskKind: string, tasks: number) => {
    for (let added = 0; added < tasks; added += 1) addOne.run(taskKind)
  })
  return {
    claim,
    complete,
    // Immediate: the lock is taken at the start, so that no transaction has to abort half-way.
    completeAndClaim: completeAndClaim.immediate,
    release: (worker, { id, attempt }) => void releaseOne.run(id, worker, attempt),
    add: (taskKind, tasks) => {
      if (tasks === 1) addOne.run(taskKind)
      else addMany.immediate(taskKind, tasks)
    },
    close: () => database.close(),
  }
}
