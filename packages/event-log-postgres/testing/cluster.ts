import { type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificates } from './certificates.ts'
import { type GuardedFolder, makeGuardedFolder } from './guarded-folder.ts'
import { followCluster, initialiseCluster } from './initialise-cluster.ts'
import type { ServerPrograms } from './installed-servers.ts'
import {
  findFreePort,
  hasEnded,
  type ProgramSettings,
  runAsServerUser,
  spawnServer,
  waitForEnd,
  waitUntilReady,
} from './server-process.ts'

type ServerSettings = Readonly<Record<string, string | number | boolean>>

export type ClusterOptions = {
  /** Settings of `postgresql.conf`, such as `{ commit_delay: 2000 }`. */
  readonly settings?: ServerSettings
  /** Serve TLS with a certificate for 127.0.0.1 and localhost of an own authority. Needs `openssl`. */
  readonly tls?: boolean
  /** The folder to make the cluster's own folder in; by default that of temporary files. The servers' user must have access. */
  readonly parent?: string
  /** Follow this cluster as its replica `standby`, from a copy of its files. Needs `pg_basebackup`. */
  readonly primary?: Cluster
}

/** `smart` waits until clients disconnect, `fast` ends their sessions, `immediate` does not even write a checkpoint. */
type StopMode = 'smart' | 'fast' | 'immediate'

/** A PostgreSQL server of our own, on the loopback address. It ends with this process, however that ends. */
export type Cluster = {
  readonly version: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** The folder of the Unix socket, where the superuser needs no password. */
  readonly socketFolder: string
  readonly dataFolder: string
  readonly programs: ServerPrograms
  /** The certificate of the authority; only with `tls`. */
  readonly authorityFile: string | undefined
  /** The address of a database, with the superuser's password. */
  readonly url: (database?: string) => string
  /** The postmaster's. */
  readonly pid: () => number
  /** The server's log, for messages of failed tests. */
  readonly log: () => string
  /** Stops the server; a no-op if it has stopped. */
  readonly stop: (mode?: StopMode) => Promise<void>
  /** Kills the postmaster; the other processes of the server then end by themselves. */
  readonly kill9: () => Promise<void>
  /** Starts the server again, on the same port; stops it first (`fast`) if it runs. Resolves once it accepts connections. */
  readonly restart: () => Promise<void>
  /** Stops the server and removes its files. */
  readonly dispose: () => Promise<void>
}

const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** Small and quick to start. Nothing here weakens a promise: `fsync`, `full_page_writes` and `synchronous_commit` are on. */
const defaults = {
  listen_addresses: '127.0.0.1',
  max_connections: 60,
  shared_buffers: '32MB',
  min_wal_size: '32MB',
  wal_level: 'replica',
  jit: 'off',
  log_min_messages: 'warning',
  timezone: 'UTC',
}

/**
 * Initialises a database cluster in a temporary folder and starts its server. Takes about 1.5 s, most of it `initdb`, or
 * 0.4 s in a test run that has done so before.
 */
export const startCluster = async (programs: ServerPrograms, options: ClusterOptions = {}): Promise<Cluster> => {
  const folder = makeGuardedFolder('data/postmaster.pid', options.parent)
  try {
    return await startInFolder(folder, programs, options)
  } catch (thrown) {
    await folder.dispose()
    throw thrown
  }
}

const startInFolder = async (
  folder: GuardedFolder,
  programs: ServerPrograms,
  { settings, tls = false, primary }: ClusterOptions,
): Promise<Cluster> => {
  const { path } = folder
  const dataFolder = join(path, 'data')
  const logFile = join(path, 'server.log')
  const { bin, ...runtime } = await prepareRuntime(programs, path)
  const password =
    primary === undefined
      ? await initialiseCluster(join(bin, 'initdb'), programs.name, dataFolder, runtime)
      : await followCluster(join(bin, 'pg_basebackup'), primary, dataFolder, runtime)
  const authorityFile = tls ? await makeCertificates(path) : undefined
  const ssl: ServerSettings = tls
    ? { ssl: 'on', ssl_cert_file: join(path, 'server.crt'), ssl_key_file: join(path, 'server.key') }
    : {}
  const port = await findFreePort()
  const configuration = { ...defaults, ...ssl, port, unix_socket_directories: path, ...settings }
  writeFileSync(join(dataFolder, 'postgresql.conf'), formatConfiguration(configuration))

  const start = () => startPostmaster(join(bin, 'postgres'), dataFolder, logFile, runtime)
  let postmaster = await start()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!hasEnded(postmaster)) postmaster.kill(signal)
    await waitForEnd(postmaster)
  }
  const stop = (mode: StopMode = 'fast') => end(signals[mode])
  return {
    version: programs.version,
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    socketFolder: path,
    dataFolder,
    programs,
    authorityFile,
    url: (database = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    pid: () => postmaster.pid as number,
    log: () => readFileSync(logFile, 'utf8'),
    stop,
    kill9: () => end('SIGKILL'),
    restart: async () => {
      await stop()
      postmaster = await start()
    },
    dispose: async () => {
      await stop('immediate')
      await folder.dispose()
    },
  }
}

type Runtime = ProgramSettings & { readonly bin: string }

/** Makes a build runnable by the servers' user, without changing `node_modules`. */
const prepareRuntime = async (programs: ServerPrograms, folder: string): Promise<Runtime> => {
  let { home } = programs
  try {
    await runAsServerUser('test', ['-x', join(home, 'bin/postgres')], { cwd: folder })
  } catch {
    // The user of a checkout in a private directory: servers cannot read it.
    cpSync(home, join(folder, 'home'), { recursive: true })
    home = join(folder, 'home')
  }
  const bin = join(home, 'bin')
  const libraries = Object.entries(programs.libraries)
  if (libraries.length === 0) return { bin, cwd: folder }
  const links = join(folder, 'lib')
  mkdirSync(links)
  for (const [name, file] of libraries) symlinkSync(join(home, 'lib', file), join(links, name))
  return { bin, cwd: folder, env: { LD_LIBRARY_PATH: `${links}:${join(home, 'lib')}` } }
}

const formatConfiguration = (settings: ServerSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join('')

/** After a kill, the other processes of the server keep its shared memory until they notice. */
const isStillInUse = (thrown: unknown): boolean => /pre-existing shared memory block|lock file/.test(String(thrown))

const startPostmaster = async (
  program: string,
  dataFolder: string,
  logFile: string,
  runtime: ProgramSettings,
): Promise<ChildProcess> => {
  for (let attemptsLeft = 100; ; attemptsLeft -= 1) {
    const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
    const child = spawnServer(program, ['-D', dataFolder], logFile, runtime)
    try {
      await waitUntilReady(child, logFile, logStart, () => isReady(dataFolder, child.pid))
      return child
    } catch (thrown) {
      if (attemptsLeft === 0 || !isStillInUse(thrown)) throw thrown
      await sleep(100)
    }
  }
}

/** The lock file's first line has the process id, the eighth line the state; `pg_ctl start` looks there too. */
const isReady = (dataFolder: string, pid: number | undefined): boolean => {
  try {
    const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === String(pid) && ['ready', 'standby'].includes(lines[7]?.trim() ?? '')
  } catch {
    return false
  }
}
