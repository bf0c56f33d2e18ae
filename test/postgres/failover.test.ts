import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, onTestFinished } from 'vitest'
import { type Cluster, startCluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { findServers, type ServerPrograms } from '../../packages/event-log-postgres/testing/installed-servers.ts'
import { createSampleWorkspace, runSql } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../../packages/event-log-postgres/src/index.ts'
import { claimlog, claimlogPath, cleanEnvironment, temporaryDirectory } from '../support/claimlog-process.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { createQueue, readServerLines } from './faults/fault-run.ts'
import { parseJournal } from './faults/journal.ts'
import { judge, type JudgedLine } from './faults/judge.ts'
import { bundleWorker, removeWorkerBundle, startWorker } from './faults/workers.ts'

const root = join(import.meta.dirname, '../..')
const programs = findServers()
  .flatMap(server => ('found' in server ? [server.found] : []))
  .find(({ home }) => existsSync(join(home, 'bin/pg_basebackup')))
const itWithStandby = itIfPossible(programs === undefined ? 'there is no server with pg_basebackup' : undefined)

type Pair = { readonly primary: Cluster; readonly standby: Cluster; readonly location: PostgresLocation }

/** A primary and its replica, and the place of a log on whichever of them accepts writes. */
const startPair = async (): Promise<Pair> => {
  const primary = await startCluster(programs as ServerPrograms)
  onTestFinished(() => primary.dispose())
  const { hosts, ...location } = await createSampleWorkspace(primary)
  const standby = await startCluster(programs as ServerPrograms, { primary })
  onTestFinished(() => standby.dispose())
  await waitForRow(primary, `SELECT FROM pg_stat_replication WHERE state = 'streaming'`)
  return { primary, standby, location: { ...location, hosts: [...hosts, { host: standby.host, port: standby.port }] } }
}

const query = ({ host, port, user, password }: Cluster, text: string) =>
  runSql({ hosts: [{ host, port }], user, password, database: 'postgres' }, text)

const waitForRow = async (cluster: Cluster, text: string): Promise<void> => {
  while ((await query(cluster, text)).length === 0) await sleep(50)
}

const promoteStandby = async ({ primary, standby }: Pair): Promise<void> => {
  await primary.kill9()
  await query(standby, 'SELECT pg_promote()')
}

const readPromoted = async ({ standby, location }: Pair): Promise<ReadonlyArray<JudgedLine>> =>
  (await readServerLines({ ...location, hosts: [{ host: standby.host, port: standby.port }] })).map(
    line => JSON.parse(line) as JudgedLine,
  )

const countClaims = (lines: ReadonlyArray<JudgedLine>): number =>
  lines.filter(({ event }) => event === 'claimed').length

/** Commands in one directory, with a URL that names both servers. */
const useCommands = ({ primary, location: { hosts, workspace } }: Pair) => {
  const servers = hosts.map(({ host, port }) => `${host}:${port}`).join()
  const cwd = temporaryDirectory()
  const url = `postgres://postgres@${servers}/postgres?workspace=${workspace}`
  const env = { PGPASSWORD: primary.password, CLAIMLOG_LOG: url, HOME: cwd }
  const startWaiting = async (...args: ReadonlyArray<string>) => {
    const child = spawn(process.execPath, [claimlogPath, ...args], { cwd, env: cleanEnvironment(env) })
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output }
  }
  return { run: (...args: ReadonlyArray<string>) => claimlog(args, { cwd, env }), startWaiting }
}

describe('a failover', () => {
  afterAll(() => removeWorkerBundle(root))

  itWithStandby('to a synchronous replica loses nothing that was answered, and workers go on', async () => {
    const pair = await startPair()
    const { primary, location } = pair
    await query(primary, `ALTER SYSTEM SET synchronous_standby_names = 'standby'`)
    await query(primary, 'SELECT pg_reload_conf()')
    await waitForRow(primary, `SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`)
    await createQueue(location)
    const scratch = mkdtempSync(join(tmpdir(), 'claimlog-failover-'))
    onTestFinished(() => rmSync(scratch, { recursive: true }))
    const startMs = Date.now()
    const program = bundleWorker(root)
    const workers = [1, 2, 3].map(seed => {
      const settings = { location, worker: `worker-${seed}`, journal: join(scratch, String(seed)), seed }
      return startWorker(program, { ...settings, clockOffsetMs: 0, lockTimeoutMs: 60_000 })
    })
    onTestFinished(() => workers.forEach(worker => worker.kill('SIGKILL')))
    while (countClaims(await readPromoted(pair)) < 30) await sleep(50)
    const outageStartMs = Date.now()
    await promoteStandby(pair)
    const outages = [{ startMs: outageStartMs, endMs: Date.now() }]
    const before = countClaims(await readPromoted(pair))
    while (countClaims(await readPromoted(pair)) < before + 30) await sleep(50)
    for (const worker of workers) worker.kill('SIGTERM')
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([undefined, undefined, undefined])
    const calls = readdirSync(scratch).flatMap(name => parseJournal(name, readFileSync(join(scratch, name), 'utf8')))
    const lines = await readPromoted(pair)
    expect(judge({ lines, calls, outages, lockTimeoutMs: 60_000, startMs, endMs: Date.now() })).toEqual([])
    expect(calls.filter(({ answer }) => answer?._tag === 'Left' && answer.left.failure !== undefined)).toEqual([])
  })

  itWithStandby(
    'to a replica without the last events ends every process that knew them, with exit code 7',
    async () => {
      const pair = await startPair()
      const { primary, standby } = pair
      const { run, startWaiting } = useCommands(pair)
      for (const args of [['init'], ['add', 'docs', 'kept'], ['claim', 'zoe', 'docs']])
        expect(await run(...args)).toMatchObject({ status: 0 })
      await waitForRow(standby, 'SELECT FROM claimlog.events WHERE seq = 3')
      await query(standby, `ALTER SYSTEM SET primary_conninfo = ''`)
      await query(standby, 'SELECT pg_reload_conf()')
      while ((await query(primary, 'SELECT FROM pg_stat_replication')).length > 0) await sleep(50)
      expect(await run('add', 'docs', 'lost')).toMatchObject({ status: 0 })
      expect(await run('claim', 'ann', 'docs')).toMatchObject({ status: 0 })

      const waiting = [
        startWaiting('tail', '-f', '--lock-timeout', '60s'),
        startWaiting('claim', 'bob', 'docs', '--wait', '--lock-timeout', '60s'),
        startWaiting('work', 'cat', 'docs', '--lock-timeout', '60s', '--', 'true'),
      ]
      // Each that waits for notifications has this lock.
      await waitForRow(primary, `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 1129072456 OFFSET 2`)
      await promoteStandby(pair)
      for (const ended of await Promise.all(waiting))
        expect(ended).toMatchObject({ code: 7, output: expect.stringContaining('history_changed') as unknown })

      // The log continues from what is left.
      expect((await run('complete', 'ann', 'lost')).status).toBe(5)
      expect(await run('complete', 'zoe', 'kept')).toMatchObject({ status: 0 })
      expect((await run('verify')).status).toBe(0)
      expect((await readPromoted(pair)).map(({ event }) => event)).toEqual(['opened', 'added', 'claimed', 'completed'])
    },
  )
})
