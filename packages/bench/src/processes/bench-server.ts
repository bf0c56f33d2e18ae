import { readdirSync, readFileSync } from 'node:fs'
import { type Cluster, findServers, type ServerPrograms, startCluster } from '@claimlog/event-log-postgres/testing'
import { processorMs } from '../measure/processor-time.ts'
import { runStatement } from '../workspaces/server-queue.ts'
import { serverPlace } from '../workspaces/server-place.ts'

/**
 * `fast`: the disk as it is · `slow`: a flush takes 2 ms more, as on the disks of a cloud. PostgreSQL waits that long
 * before each flush, and what is committed meanwhile shares it.
 */
export type ServerDatabase = 'fast' | 'slow'

const slowFlushMicroseconds = 2000

/** A PostgreSQL server for one scenario. */
export type BenchServer = {
  /** `PostgreSQL 15.14 of Debian` */
  readonly name: string
  /** The place of a new queue, whose name begins with `label`. */
  readonly newPlace: (database: ServerDatabase, label: string) => string
  /** The processor time that all processes of the server that run at this moment have used, in milliseconds. */
  readonly processorMs: () => number
  readonly cluster: Cluster
}

/** PostgreSQL's own default for the cache, and enough connections for a hundred programs that wait. */
const settings = { shared_buffers: '128MB', min_wal_size: '80MB', max_connections: 300 }

/** Debian's newest server, otherwise the one of the npm package; or the reason why this machine has neither. */
export const findServer = (): { readonly found: ServerPrograms } | { readonly missing: string } => {
  const servers = findServers()
  return (
    servers.find(server => 'found' in server) ?? {
      missing: servers.map(server => ('missing' in server ? server.missing : '')).join(', and '),
    }
  )
}

/** Starts a server for `body`, with its files in a folder in `parent`. */
export const withServer = async <A>(
  programs: ServerPrograms,
  { parent, tls }: { readonly parent: string; readonly tls: boolean },
  body: (server: BenchServer) => Promise<A>,
): Promise<A> => {
  const cluster = await startCluster(programs, { settings, tls, parent })
  try {
    await runStatement(cluster.url(), 'CREATE DATABASE fast')
    await runStatement(cluster.url(), 'CREATE DATABASE slow')
    await runStatement(cluster.url(), `ALTER DATABASE slow SET commit_delay = ${slowFlushMicroseconds}`)
    await runStatement(cluster.url(), 'ALTER DATABASE slow SET commit_siblings = 0')
    let queues = 0
    return await body({
      name: programs.name,
      newPlace: (database, label) => serverPlace(cluster.url(database), `${label}_${(queues += 1)}`),
      processorMs: () => sumProcessorMs(cluster.pid()),
      cluster,
    })
  } finally {
    await cluster.dispose()
  }
}

/** The time of a process and its children; NaN if the system does not report it. */
const sumProcessorMs = (postmaster: number): number => {
  if (process.platform !== 'linux') return Number.NaN
  let sum = processorMs(postmaster) ?? Number.NaN
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      if (Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) === postmaster)
        sum += processorMs(Number(name)) ?? Number.NaN
    } catch {
      // It has ended in the meantime.
    }
  }
  return sum
}
