import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { startCluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { findServers, findServerUser } from '../../packages/event-log-postgres/testing/installed-servers.ts'
import { copyExample } from '../docs/example-copy.ts'
import type { ProcessResult } from '../support/claimlog-process.ts'
import { itIfPossible, type MissingReason, programMissing } from '../support/machine/it-if-possible.ts'
import { type Host, makeHosts, namespacesMissing } from './network-hosts.ts'

const [debian] = findServers()

const findMissing = (): MissingReason =>
  (debian === undefined || 'missing' in debian ? (debian?.missing ?? 'there is no server') : undefined) ??
  programMissing('psql', '--version') ??
  programMissing('openssl', 'version') ??
  namespacesMissing()

const clockLibrary = ['x86_64', 'aarch64']
  .map(machine => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find(path => existsSync(path))

/** The environment of a host whose clock is 20 minutes ahead; without libfaketime, its clock is right. */
const wrongClock: Readonly<Record<string, string>> =
  clockLibrary === undefined
    ? {}
    : { LD_PRELOAD: clockLibrary, FAKETIME: '+20m', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' }

if (clockLibrary === undefined)
  process.stderr.write('not tested here, there is no libfaketime: a host whose clock is wrong\n')

/** The example's server with its certificate, passwords and roles, reached from two hosts. */
const startExample = async (hosts: ReadonlyArray<Host>) => {
  if (debian === undefined || 'missing' in debian) throw new Error('there is no server')
  const example = copyExample('many-machines')
  const names = hosts.map(({ serverAddress }) => `IP:${serverAddress}`).join()
  expect(await example.runShell('./set-up.sh', { SERVER_NAMES: names })).toMatchObject({ status: 0 })
  const cluster = await startCluster(debian.found, { settings: { listen_addresses: '*' } })
  onTestFinished(() => cluster.dispose())
  for (const name of ['server.crt', 'server.key']) {
    const copy = join(cluster.dataFolder, name)
    execFileSync('install', ['-m', '600', join(example.dir, 'secrets', name), copy])
    const user = findServerUser()
    if (user !== undefined) chownSync(copy, user.uid, user.gid)
  }
  appendFileSync(
    join(cluster.dataFolder, 'postgresql.conf'),
    "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n",
  )
  appendFileSync(join(cluster.dataFolder, 'pg_hba.conf'), 'hostssl all all 0.0.0.0/0 scram-sha-256\n')
  await cluster.restart()
  const admin = { PGHOST: '127.0.0.1', PGPORT: String(cluster.port), PGUSER: 'postgres', PGPASSWORD: cluster.password }
  const password = readFileSync(join(example.dir, 'secrets/owner-password'), 'utf8').trim()
  const created = await example.runShell(
    `psql -q -c "CREATE DATABASE queue" -c "ALTER ROLE postgres PASSWORD '${password}'"`,
    admin,
  )
  expect(created).toEqual({ status: 0, stdout: '', stderr: '' })
  const roles = { ...admin, PGPASSWORD: password, PASSWORDS: join(example.dir, 'secrets') }
  expect(await example.runShell('./create-roles.sh', roles)).toEqual({ status: 0, stdout: '', stderr: '' })

  const call = (
    host: Host,
    role: 'owner' | 'worker',
    command: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ProcessResult> => {
    const user = role === 'owner' ? 'postgres' : 'pages_worker'
    const server = `${host.serverAddress}:${cluster.port}`
    const authority = join(example.dir, 'secrets/ca.crt')
    return example.runShell(`ip netns exec ${host.name} ./with-password.sh ${command}`, {
      HOME: join(example.dir, host.name),
      QUEUE_URL: `postgres://${user}@${server}/queue?workspace=pages&sslrootcert=${authority}`,
      PASSWORD_FILE: join(example.dir, `secrets/${role}-password`),
      ...(host === hosts[1] ? wrongClock : {}),
      ...env,
    })
  }
  return { call }
}

type Line = Readonly<Record<'event' | 'time' | 'task_id' | 'worker' | 'lease_until', string>> & {
  readonly result?: unknown
}

itIfPossible(findMissing())('two hosts, one of them 20 minutes ahead, share the queue of the example', async () => {
  const hosts = makeHosts()
  const [right, ahead] = hosts
  const { call } = await startExample(hosts)
  expect(await call(right, 'owner', 'claimlog init')).toMatchObject({ status: 0, stderr: '' })
  expect(await call(right, 'worker', 'claimlog add lone task')).toMatchObject({ status: 0, stderr: '' })
  expect(await call(right, 'worker', 'claimlog claim ann lone')).toMatchObject({ status: 0, stderr: '' })
  // By the clock of the other host, its lease expired five minutes ago.
  const refused = await call(ahead, 'worker', 'claimlog claim bob lone')
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: 'no_ready_task' })

  const ids = Array.from({ length: 12 }, (_, i) => `page-${i}`)
  const pages = ids.map(id => JSON.stringify({ kind: 'page', task_id: id, payload: 'three short words' })).join('\n')
  const added = await call(ahead, 'worker', `sh -c 'echo "$TASKS" | claimlog add -'`, { TASKS: pages })
  expect(added).toMatchObject({ status: 0, stderr: '' })
  const work = (host: Host, name: string) =>
    call(host, 'worker', `claimlog work ${name} page --max-tasks 6 --quiet -- ./count-words.sh`)
  const ended = await Promise.all([work(right, 'worker-1'), work(ahead, 'worker-2')])
  expect(ended.map(({ status }) => status)).toEqual([0, 0])

  const { stdout } = await call(right, 'worker', 'claimlog tail')
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line)
  const claims = lines.filter(({ event, worker }) => event === 'claimed' && worker !== 'ann')
  expect(claims.map(({ task_id: id }) => id).sort()).toEqual([...ids].sort())
  expect(claims.map(({ worker }) => worker).sort()).toEqual([
    ...Array.from({ length: 6 }, () => 'worker-1'),
    ...Array.from({ length: 6 }, () => 'worker-2'),
  ])
  expect(lines.filter(({ event }) => event === 'completed').map(({ result }) => result)).toEqual(ids.map(() => 3))
  const leasesMs = claims.map(({ time, lease_until: until }) => Date.parse(until) - Date.parse(time))
  expect(new Set(leasesMs)).toEqual(new Set([15 * 60_000]))
  // The clock of this machine, which is the server's.
  expect(Math.max(...lines.map(({ time }) => Date.parse(time)))).toBeLessThanOrEqual(Date.now())
})
