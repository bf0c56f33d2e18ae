import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const home = new URL('../../peer/', import.meta.url)

/** The part of a better-sqlite3 statement that is used here. */
type SqliteStatement = {
  readonly run: (...values: ReadonlyArray<unknown>) => { readonly changes: number }
  readonly get: (...values: ReadonlyArray<unknown>) => unknown
}

/** The part of a better-sqlite3 database that is used here. */
export type SqliteDatabase = {
  readonly pragma: (text: string) => unknown
  readonly exec: (sql: string) => void
  readonly prepare: (sql: string) => SqliteStatement
  readonly transaction: <A extends Array<unknown>, R>(
    body: (...args: A) => R,
  ) => { readonly immediate: (...args: A) => R }
  readonly close: () => void
}

/** Opens a database; `timeoutMs`: the time that a statement waits for another writer, in milliseconds. */
export const openDatabase = (path: string, timeoutMs: number): SqliteDatabase => {
  const Sqlite = createRequire(home)('better-sqlite3') as new (
    path: string,
    options: { timeout: number },
  ) => SqliteDatabase
  return new Sqlite(path, { timeout: timeoutMs })
}

/** The peer as the report names it. */
export type Peer =
  { readonly installed: true; readonly name: string } | { readonly installed: false; readonly why: string }

const describeVersions = (): string => {
  const { version } = createRequire(home)('better-sqlite3/package.json') as { readonly version: string }
  const database = openDatabase(':memory:', 0)
  const { sqlite } = database.prepare('SELECT sqlite_version() AS sqlite').get() as { readonly sqlite: string }
  database.close()
  return `better-sqlite3 ${version}, SQLite ${sqlite}`
}

/** Installs the peer into a separate folder, unless it is there. It may have to be compiled, which takes a minute. */
export const installPeer = (reportProgress: (text: string) => void): Peer => {
  try {
    if (!existsSync(new URL('node_modules/better-sqlite3', home))) {
      reportProgress('installing better-sqlite3, once, in packages/bench/peer')
      const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
      execFileSync('npm', args, { cwd: fileURLToPath(home), stdio: ['ignore', 'pipe', 'pipe'] })
    }
    return { installed: true, name: describeVersions() }
  } catch (thrown) {
    return { installed: false, why: (thrown as Error).message.trim().split('\n').slice(0, 3).join(' ') }
  }
}
