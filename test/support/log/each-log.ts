import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Cluster, startCluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { findServers } from '../../../packages/event-log-postgres/testing/installed-servers.ts'
import { runSql } from '../../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { claimlog, parseOutput, type ProcessResult, temporaryDirectory } from '../claimlog-process.ts'
import { addTasksByCommand, type LogLine } from '../workspace-on-disk.ts'

type LogKind = 'file' | 'postgres'

/** A workspace that processes of a test share, in a file or on a server. */
export type SharedWorkspace = {
  /** An own directory: that of the workspace, or an empty one beside a log on a server. */
  readonly dir: string
  /** The directory, or the URL of the log with the password of a worker; `programs/open-workspace.mjs` opens both. */
  readonly address: string
  /** The options of a command that lead to it. */
  readonly flags: ReadonlyArray<string>
  readonly run: (args: ReadonlyArray<string>, input?: string) => Promise<ProcessResult>
  /** Adds `count` tasks of the kind `race`, in one decision: `prefix-1`, `prefix-2` … */
  readonly addTasks: (prefix: string, count: number) => Promise<ReadonlyArray<string>>
  /** The lines of the log as text, each with its newline: those of the file, or as the server has them. */
  readonly readText: () => Promise<string>
  readonly readLines: () => Promise<ReadonlyArray<LogLine>>
}

/** The log that a test runs on. */
export type TestedLog = {
  readonly kind: LogKind
  /** Chooses the size of a test: a short one on a server if the same test run has the full one on a file. */
  readonly size: <A>(full: A, short: A) => A
  /** Makes an empty workspace in or beside `cwd`; default: a directory that is deleted after the test. */
  readonly newWorkspace: (cwd?: string) => Promise<SharedWorkspace>
}

/** The one log to test on, at full size; default: all, those on a server shorter. */
const chosenKind = process.env.CLAIMLOG_TEST_LOG

/**
 * `describe` for tests that run on each kind of log: on a file, and on a PostgreSQL server that the tests share.
 * `CLAIMLOG_TEST_LOG=file` or `=postgres` chooses one. The tests on a server are skipped if the machine has none, and the
 * title and a line on stderr give the reason.
 */
export const describeEachLog = (title: string, tests: (log: TestedLog) => void): void => {
  if (chosenKind !== undefined && chosenKind !== 'file' && chosenKind !== 'postgres')
    throw new Error(`CLAIMLOG_TEST_LOG is ${chosenKind}, neither file nor postgres`)
  if (chosenKind !== 'postgres')
    describe(`${title}, on a file`, () => tests({ kind: 'file', size: full => full, newWorkspace: newFileWorkspace }))
  if (chosenKind !== 'file') describeOnServer(title, tests)
}

const describeOnServer = (title: string, tests: (log: TestedLog) => void): void => {
  const size: TestedLog['size'] = (full, short) => (chosenKind === undefined ? short : full)
  const servers = findServers()
  const programs = servers.flatMap(server => ('found' in server ? [server.found] : []))[0]
  if (programs === undefined) {
    const missing = servers.map(server => ('missing' in server ? server.missing : '')).join(', ')
    process.stderr.write(`not tested here, ${missing}: ${title}, on a server\n`)
    const newWorkspace = (): Promise<never> => Promise.reject(new Error(missing))
    describe.skip(`${title}, on a server (not tested here: ${missing})`, () =>
      tests({ kind: 'postgres', size, newWorkspace }))
    return
  }
  describe(`${title}, on ${programs.name}`, () => {
    let cluster: Cluster | undefined
    beforeAll(async () => {
      cluster = await startCluster(programs)
    })
    afterAll(() => cluster?.dispose())
    tests({ kind: 'postgres', size, newWorkspace: cwd => newServerWorkspace(cluster as Cluster, cwd) })
  })
}

const newFileWorkspace = async (cwd = temporaryDirectory()): Promise<SharedWorkspace> => {
  const dir = String(parseOutput(await claimlog(['init', cwd], { cwd }))['dir'])
  return sharedWorkspace(dir, dir, ['--dir', dir], async () => readFileSync(join(dir, 'events.jsonl'), 'utf8'))
}

const workerRole = 'test_worker'
const selectLines = `SELECT line FROM claimlog.events JOIN claimlog.workspaces ON id = workspace WHERE name = $1 ORDER BY seq`

/** The owner of the schema makes the workspace, and a role with the rights of workers uses it. */
const newServerWorkspace = async (
  { host, port, user, password, url: ownerUrl }: Cluster,
  dir = temporaryDirectory(),
): Promise<SharedWorkspace> => {
  const workspace = `w-${randomUUID()}`
  const initialized = await claimlog(['init', '--log', `${ownerUrl()}?workspace=${workspace}`], { cwd: dir })
  if (initialized.status !== 0) throw new Error(initialized.stderr)
  const owner = { hosts: [{ host, port }], user, password, database: 'postgres' }
  const create = `CREATE ROLE ${workerRole} LOGIN PASSWORD '${password}' IN ROLE claimlog_worker`
  await runSql(owner, `DO $$ BEGIN ${create}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)
  const address = `postgres://${workerRole}:${password}@${host}:${port}/postgres?workspace=${workspace}`
  return sharedWorkspace(dir, address, ['--log', address], async () => {
    const rows = await runSql(owner, selectLines, [workspace])
    return rows.map(({ line }) => `${String(line)}\n`).join('')
  })
}

const sharedWorkspace = (
  dir: string,
  address: string,
  flags: ReadonlyArray<string>,
  readText: () => Promise<string>,
): SharedWorkspace => ({
  dir,
  address,
  flags,
  run: (args, input = '') => claimlog([...args, ...flags], { cwd: dir, input }),
  addTasks: (prefix, count) => addTasksByCommand({ cwd: dir, flags, prefix, count }),
  readText,
  readLines: async () =>
    (await readText())
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as LogLine),
})
