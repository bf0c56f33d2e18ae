import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildSync } from 'esbuild'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Cluster, startCluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { findServers } from '../../packages/event-log-postgres/testing/installed-servers.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'

/** Connects as the superuser, over TCP and with the password. A server that ends is no error of the connection. */
const connect = async (cluster: Cluster, config: pg.ClientConfig = {}): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: cluster.url(), ...config })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end().catch(() => undefined))
  return client
}

const queryOne = async (cluster: Cluster, text: string): Promise<Record<string, unknown>> => {
  const client = await connect(cluster)
  const { rows } = await client.query<Record<string, unknown>>(text)
  await client.end()
  return rows[0] ?? {}
}

const showSettings = (names: ReadonlyArray<string>): string =>
  `SELECT ${names.map(name => `current_setting('${name}') AS ${name}`).join(', ')}`

/** True if a process exists and is no zombie. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const waitUntil = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await sleep(20)
}

describeEachServer('a cluster', getCluster => {
  it('says its version, and keeps the promises of a commit', async () => {
    const cluster = getCluster()
    const names = ['server_version', 'fsync', 'full_page_writes', 'synchronous_commit', 'wal_level', 'server_encoding']
    const settings = await queryOne(cluster, showSettings([...names, 'listen_addresses']))
    expect(String(settings.server_version).split(' ')[0]).toBe(cluster.version)
    expect(settings).toEqual({
      server_version: settings.server_version,
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      wal_level: 'replica',
      server_encoding: 'UTF8',
      listen_addresses: '127.0.0.1',
    })
    const [{ collation }] = [await queryOne(cluster, `SELECT datcollate AS collation FROM pg_database`)]
    expect(collation).toBe('C')
  })

  it('refuses a wrong password, and does not store the right one in plain text', async () => {
    await expect(
      connect(getCluster(), { connectionString: getCluster().url().replace(/:\w+@/, ':wrong@') }),
    ).rejects.toThrow('password authentication failed')
    const { secret } = await queryOne(
      getCluster(),
      `SELECT rolpassword AS secret FROM pg_authid WHERE rolname = 'postgres'`,
    )
    expect(secret).toMatch(/^SCRAM-SHA-256\$/)
  })

  it('continues with what was committed after each way to end', async () => {
    const cluster = getCluster()
    const client = await connect(cluster)
    await client.query('CREATE TABLE endings (ending text)')
    const ways = { fast: () => cluster.stop(), immediate: () => cluster.stop('immediate'), kill: () => cluster.kill9() }
    for (const [ending, end] of Object.entries(ways)) {
      const session = await connect(cluster)
      await session.query('INSERT INTO endings VALUES ($1)', [ending])
      const pid = cluster.pid()
      await end()
      expect(isAlive(pid)).toBe(false)
      await expect(connect(cluster)).rejects.toThrow('ECONNREFUSED')
      await cluster.restart()
      expect(cluster.pid()).not.toBe(pid)
    }
    const { endings } = await queryOne(cluster, `SELECT string_agg(ending, ' ') AS endings FROM endings`)
    expect(endings).toBe('fast immediate kill')
  })

  it('restarts while it runs', async () => {
    const pid = getCluster().pid()
    await getCluster().restart()
    expect(await queryOne(getCluster(), 'SELECT 1 AS one')).toEqual({ one: 1 })
    expect(isAlive(pid)).toBe(false)
  })
})

describeEachServer(
  'a cluster with settings',
  getCluster => {
    it('has them', async () => {
      const settings = await queryOne(getCluster(), showSettings(['commit_delay', 'max_connections', 'fsync']))
      expect(settings).toEqual({ commit_delay: '2000', max_connections: '12', fsync: 'off' })
    })

    it('proves its identity to a client that trusts its authority only', async () => {
      const cluster = getCluster()
      const ca = readFileSync(cluster.authorityFile ?? '', 'utf8')
      const client = await connect(cluster, { ssl: { ca } })
      const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
      expect(rows).toEqual([{ ssl: true }])
      await expect(connect(cluster, { ssl: true })).rejects.toThrow('certificate')
    })
  },
  { settings: { commit_delay: 2000, max_connections: 12, fsync: false }, tls: true },
)

/** Bundles a program that starts a cluster, prints where it is, and does not end. Node 20 runs no TypeScript. */
const bundleClusterHolder = (): string => {
  const path = join(makeTemporaryFolder(), 'hold-cluster.mjs')
  const contents = `
    import { startCluster } from './cluster.ts'
    const cluster = await startCluster(JSON.parse(process.argv[2]))
    console.log(JSON.stringify({ pid: cluster.pid(), folder: cluster.socketFolder }))
    setInterval(() => {}, 1000)`
  const resolveDir = join(import.meta.dirname, '../../packages/event-log-postgres/testing')
  buildSync({ stdin: { contents, resolveDir }, bundle: true, platform: 'node', format: 'esm', outfile: path })
  return path
}

const makeTemporaryFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'claimlog-cluster-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

for (const server of findServers()) {
  const itWithServer = itIfPossible('missing' in server ? server.missing : undefined)
  const programs = 'found' in server ? server.found : undefined

  describe(`a cluster of ${programs?.name ?? 'a server that is missing'}`, () => {
    itWithServer('ends with its files when the processes that started it are killed', async () => {
      const args = [bundleClusterHolder(), JSON.stringify(programs)]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
      const [output] = (await once(child.stdout, 'data')) as [Buffer]
      const { pid, folder } = JSON.parse(output.toString()) as { pid: number; folder: string }
      expect(isAlive(pid)).toBe(true)
      process.kill(-(child.pid as number), 'SIGKILL')
      await waitUntil(() => !isAlive(pid) && !existsSync(folder))
    })

    itWithServer('leaves no server and no files once it is disposed of, even twice', async () => {
      if (programs === undefined) return
      const cluster = await startCluster(programs)
      const pid = cluster.pid()
      await cluster.dispose()
      await cluster.dispose()
      expect(isAlive(pid)).toBe(false)
      expect(existsSync(cluster.socketFolder)).toBe(false)
    })
  })
}
