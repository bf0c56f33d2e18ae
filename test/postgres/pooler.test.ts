import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { findPooler, type Pooler, startPooler } from '../../packages/event-log-postgres/testing/pooler.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'

const program = findPooler()
const itWithPooler = itIfPossible('missing' in program ? program.missing : undefined)

const start = async (cluster: Cluster, settings: Readonly<Record<string, number>> = {}): Promise<Pooler> => {
  if ('missing' in program) throw new Error(program.missing)
  const pooler = await startPooler(program.found, cluster, { settings })
  onTestFinished(() => pooler.dispose())
  return pooler
}

const connect = async (connectionString: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end().catch(() => undefined))
  return client
}

const readServerPid = async (client: pg.Client): Promise<unknown> =>
  (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid

describeEachServer('a pooler', getCluster => {
  itWithPooler('shares one session of the server between two clients, transaction by transaction', async () => {
    const pooler = await start(getCluster(), { default_pool_size: 1 })
    const [one, two] = [await connect(pooler.url()), await connect(pooler.url())]
    const pid = await readServerPid(one)
    expect(await readServerPid(two)).toBe(pid)
    await one.query('BEGIN')
    let isAnswered = false
    const waits = readServerPid(two).finally(() => (isAnswered = true))
    expect(await readServerPid(one)).toBe(pid)
    expect(isAnswered).toBe(false)
    await one.query('COMMIT')
    expect(await waits).toBe(pid)
  })

  itWithPooler('lets other roles connect, with their passwords only', async () => {
    const pooler = await start(getCluster())
    const admin = await connect(getCluster().url())
    await admin.query(`CREATE ROLE pooled LOGIN PASSWORD 'sesame'`)
    const url = (password: string) => pooler.url().replace(/\/\/.*@/, `//pooled:${password}@`)
    const { rows } = await (await connect(url('sesame'))).query('SELECT current_user')
    expect(rows).toEqual([{ current_user: 'pooled' }])
    await expect(connect(url('mustard'))).rejects.toThrow('SASL authentication failed')
  })

  itWithPooler('does not accept connections any more after its end', async () => {
    if ('missing' in program) return
    const pooler = await startPooler(program.found, getCluster())
    await connect(pooler.url())
    await pooler.dispose()
    await expect(connect(pooler.url())).rejects.toThrow('ECONNREFUSED')
  })
})

it('is looked up under its name', () => {
  expect('missing' in program ? program.name : program.found).toMatch(/pgbouncer$/)
})
