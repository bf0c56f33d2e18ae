import { existsSync, readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { runSql } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { claimlog, parseOutput, type ProcessResult, temporaryDirectory } from '../support/claimlog-process.ts'

/** A workspace of its own on the server, used from two directories as from two checkouts. */
const createSharedQueue = async (cluster: Cluster) => {
  const { host, port, user, password } = cluster
  const url = `postgres://${user}@${host}:${port}/postgres?workspace=w-${randomUUID()}`
  const [one, other] = [temporaryDirectory(), temporaryDirectory()]
  const home = temporaryDirectory()
  const runClaimlog = (cwd: string, args: ReadonlyArray<string>, env = {}): Promise<ProcessResult> =>
    claimlog(args, { cwd, env: { PGPASSWORD: password, HOME: home, ...env } })
  const initialized = await runClaimlog(one, ['init', '--log', url])
  expect(initialized).toMatchObject({ status: 0, stderr: '' })
  return { url, one, other, home, runClaimlog }
}

const describeStatus = ({ status, stdout, stderr }: ProcessResult): string =>
  `${status}: ${stderr.split('\n')[0] ?? ''}${status === 0 ? '' : (stdout.split('\n')[2] ?? '')}`

describeEachServer('the command line on a log on a server', getCluster => {
  it('shares a queue between directories by config.json, --log and CLAIMLOG_LOG, and leaves no file of a log', async () => {
    const { url, one, other, runClaimlog } = await createSharedQueue(getCluster())
    expect(parseOutput(await runClaimlog(one, ['add', 'docs', 'a']))).toMatchObject({ ok: true, seq: 2 })
    const claimed = await runClaimlog(other, ['claim', 'ann', 'docs'], { CLAIMLOG_LOG: url })
    expect(parseOutput(claimed)).toMatchObject({ claim: { worker: 'ann', token: 3, attempt: 1 } })
    expect((await runClaimlog(other, ['--log', url, 'claim', 'bob', 'docs'])).status).toBe(3)
    expect(parseOutput(await runClaimlog(one, ['complete', 'ann', 'a']))).toMatchObject({ ok: true, seq: 4 })
    expect(existsSync(join(one, '.claimlog', 'events.jsonl'))).toBe(false)
    expect(existsSync(join(one, '.claimlog', 'queue.json'))).toBe(false)
    expect(existsSync(join(other, '.claimlog'))).toBe(false)
  })

  it('verifies and diagnoses it, and shows the same history as for a file', async () => {
    const { one, runClaimlog, url } = await createSharedQueue(getCluster())
    await runClaimlog(one, ['add', 'docs', 'a'])
    await runClaimlog(one, ['claim', 'ann', 'docs'])
    const verified = parseOutput(await runClaimlog(one, ['verify', '--json']))
    const lines = (await runClaimlog(one, ['tail'])).stdout.trimEnd().split('\n')
    const last = JSON.parse(lines[2] ?? '{}') as { readonly hash: string }
    expect(verified).toEqual({ ok: true, seq: 3, hash: last.hash, unfinished_bytes: 0 })
    const diagnosis = parseOutput(await runClaimlog(one, ['doctor', '--json'])) as {
      readonly log: string
      readonly checks: ReadonlyArray<{ readonly name: string; readonly state: string }>
    }
    expect(diagnosis.log).toBe(url)
    expect(diagnosis.checks.map(({ name, state }) => `${name}: ${state}`)).toEqual([
      ...['server: ok', 'tls: ok', 'rights: warning', 'durability: ok', 'notifications: ok', 'clock: ok'],
      ...['chain: ok', 'meaning: ok', 'runtime: ok'],
    ])
    const past = await runClaimlog(one, ['list', '--at', '2', '--json'])
    expect(parseOutput(past)).toMatchObject({ tasks: [{ id: 'a', status: 'ready' }] })
    expect((await runClaimlog(one, ['trace', 'a'])).stdout).toContain('claimed by ann, attempt 1')
  })

  it('says what is wrong with a log-in, a database, a port and a server that is down, and never the password', async () => {
    const { url, one, runClaimlog } = await createSharedQueue(getCluster())
    const secret = 'canary-81fd3c'
    const withSecret = url.replace('@', `:${secret}@`)
    const results = await Promise.all([
      runClaimlog(one, ['list', '--json'], { PGPASSWORD: secret }),
      runClaimlog(one, ['list', '--log', withSecret]),
      runClaimlog(one, ['doctor', '--log', withSecret]),
      runClaimlog(one, ['list', '--log', withSecret.replace('/postgres?', '/missing?'), '--json']),
      runClaimlog(one, ['list', '--log', withSecret.replace(/:\d+\//, ':1/'), '--lock-timeout', '300ms']),
      runClaimlog(one, ['init', '--log', withSecret]),
      runClaimlog(one, ['list', '--log', withSecret.replace('postgres:', 'nats:')]),
    ])
    expect(results.map(({ status }) => status)).toEqual([1, 1, 1, 1, 1, 1, 2])
    for (const result of results) expect(result.stdout + result.stderr, describeStatus(result)).not.toContain(secret)
    expect(results[1]?.stderr).toMatch(/password authentication failed[^]*PGPASSWORD or ~\/.pgpass/)
    expect(readFileSync(join(one, '.claimlog', 'config.json'), 'utf8')).not.toContain(secret)
  })

  it('waits for a server that is down as long as --lock-timeout says, also to create a log there', async () => {
    const { url, runClaimlog } = await createSharedQueue(getCluster())
    const down = url.replace(/:\d+\//, ':1/')
    const cwd = temporaryDirectory()
    expect(await runClaimlog(cwd, ['init', '.claimlog'])).toMatchObject({ status: 0 })
    for (const args of [
      ['list', '--log', down],
      ['init', '--log', down, 'new/.claimlog'],
      ['move', down],
    ]) {
      const refused = parseOutput(await runClaimlog(cwd, [...args, '--json', '--lock-timeout', '300ms']))
      expect(refused, args.join(' ')).toMatchObject({ error: 'log_unreachable' })
      // The default is 10 s.
      expect(Number(refused['waited_ms']), args.join(' ')).toBeLessThan(5000)
    }
  })

  it('prints the SQL for a database administrator, and a worker with that role only can work', async () => {
    const { one, home, runClaimlog, url } = await createSharedQueue(getCluster())
    const printed = await runClaimlog(one, ['migrate', '--print'])
    expect(printed.stdout).toMatch(
      /^CREATE SCHEMA IF NOT EXISTS claimlog;[^]*GRANT EXECUTE ON FUNCTION claimlog.append/,
    )
    const { host, port, user, password } = getCluster()
    const owner = { hosts: [{ host, port }], user, password, database: 'postgres' }
    const name = `worker_${randomUUID().slice(0, 8)}`
    await runSql(owner, `CREATE ROLE ${name} LOGIN PASSWORD 'w'; GRANT claimlog_worker TO ${name}`)
    const asWorker = { PGPASSWORD: 'w', CLAIMLOG_LOG: url.replace(`${user}@`, `${name}@`), HOME: home }
    for (const args of [['add', 'docs', 'a'], ['claim', 'ann', 'docs'], ['complete', 'ann', 'a'], ['verify']])
      expect(describeStatus(await runClaimlog(one, args, asWorker)), args.join(' ')).toBe('0: ')
    const diagnosis = await runClaimlog(one, ['doctor', '--json'], asWorker)
    expect(parseOutput(diagnosis)).toMatchObject({ ok: true, warnings: 0 })
  })
})
