import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { makeGuardedFolder } from './guarded-folder.ts'
import type { Lookup } from './installed-servers.ts'
import { findFreePort, hasEnded, spawnServer, waitForEnd, waitUntilReady, writeOwnFile } from './server-process.ts'

/** A pgbouncer in front of a cluster, on the loopback address. It ends with this process, however that ends. */
export type Pooler = {
  readonly host: string
  readonly port: number
  /** The address of a database, with the superuser's password; other roles can connect too. */
  readonly url: (database?: string) => string
  readonly log: () => string
  readonly dispose: () => Promise<void>
}

export type PoolerOptions = {
  /** Settings of the section `[pgbouncer]`, such as `{ default_pool_size: 2 }`. */
  readonly settings?: Readonly<Record<string, string | number>>
}

const paths = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer']

/** The path of pgbouncer. */
export const findPooler = (): Lookup<string> => {
  const found = paths.find(path => existsSync(path))
  return found === undefined ? { name: 'pgbouncer', missing: 'there is no pgbouncer' } : { found }
}

/** Starts pgbouncer in transaction mode: consecutive transactions of a client can run in different sessions. */
export const startPooler = async (
  program: string,
  cluster: Cluster,
  { settings }: PoolerOptions = {},
): Promise<Pooler> => {
  const folder = makeGuardedFolder('pgbouncer.pid')
  const { path } = folder
  const logFile = join(path, 'pgbouncer.log')
  const port = await findFreePort()
  writeOwnFile(join(path, 'users.txt'), `"${cluster.user}" "${cluster.password}"\n`)
  const configuration = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    pidfile: join(path, 'pgbouncer.pid'),
    pool_mode: 'transaction',
    default_pool_size: 10,
    max_client_conn: 200,
    auth_type: 'scram-sha-256',
    auth_file: join(path, 'users.txt'),
    // For the passwords of other roles.
    auth_user: cluster.user,
    admin_users: cluster.user,
    ...settings,
  }
  const lines = Object.entries(configuration).map(([name, value]) => `${name} = ${value}\n`)
  const databases = `[databases]\n* = host=${cluster.host} port=${cluster.port}\n`
  writeOwnFile(join(path, 'pgbouncer.ini'), `${databases}[pgbouncer]\n${lines.join('')}`)

  const child = spawnServer(program, [join(path, 'pgbouncer.ini')], logFile, { cwd: path })
  const dispose = async (): Promise<void> => {
    if (!hasEnded(child)) child.kill('SIGTERM')
    await waitForEnd(child)
    await folder.dispose()
  }
  try {
    await waitUntilReady(child, logFile, 0, () => acceptsConnections(port))
  } catch (thrown) {
    await dispose()
    throw thrown
  }
  return {
    host: '127.0.0.1',
    port,
    url: (database = 'postgres') => `postgres://${cluster.user}:${cluster.password}@127.0.0.1:${port}/${database}`,
    log: () => readFileSync(logFile, 'utf8'),
    dispose,
  }
}

const acceptsConnections = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
