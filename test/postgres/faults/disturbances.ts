import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Cluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import type { FaultProxy } from '../../../packages/event-log-postgres/testing/fault-proxy/fault-proxy.ts'
import type { Random } from '../../support/random.ts'
import type { FaultWorker } from './workers.ts'

type Scene = {
  readonly cluster: Cluster
  readonly proxy: FaultProxy
  readonly random: Random
  readonly workers: () => ReadonlyArray<FaultWorker>
  /** The length of outages, in milliseconds. */
  readonly outageMs: () => number
}

/** Connects as the superuser, past the proxy. */
const connectDirectly = async ({ cluster }: Scene): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: cluster.url() })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

const withClient = async <A>(scene: Scene, use: (client: pg.Client) => Promise<A>): Promise<A> => {
  const client = await connectDirectly(scene)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

const endAndRestart =
  (end: (cluster: Cluster) => Promise<void>) =>
  async ({ cluster, outageMs }: Scene): Promise<void> => {
    await end(cluster)
    await sleep(outageMs() / 2)
    await cluster.restart()
  }

const pickWorker = ({ random, workers }: Scene): FaultWorker | undefined =>
  random.oneOf(workers().filter(({ hasEnded }) => !hasEnded()))

const pauseWorker = async (worker: FaultWorker | undefined, ms: number): Promise<void> => {
  worker?.kill('SIGSTOP')
  await sleep(ms)
  worker?.kill('SIGCONT')
}

/** The role whose session has the lock that keeps other appends away; undefined: none has it. */
const findLockingRole = async (client: pg.Client): Promise<string | undefined> => {
  const { rows } = await client.query<{ role: string }>(
    `SELECT usename AS role FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND classid = 1129072455`,
  )
  return rows[0]?.role
}

const lockTriesMax = 400

/** Stops a worker that keeps all others away: the server has to end its session, or its transaction. */
const stopLockingWorker = (scene: Scene): Promise<void> =>
  withClient(scene, async client => {
    for (let tries = 0; tries < lockTriesMax; tries += 1) {
      const role = await findLockingRole(client)
      const worker = scene.workers().find(each => each.role === role && !each.hasEnded())
      if (worker === undefined) continue
      worker.kill('SIGSTOP')
      const isStoppedWithLock = (await findLockingRole(client)) === role
      if (isStoppedWithLock) await sleep(6000)
      worker.kill('SIGCONT')
      if (isStoppedWithLock) return
    }
  })

const lockTable = (scene: Scene): Promise<void> =>
  withClient(scene, async client => {
    await client.query('BEGIN; LOCK TABLE claimlog.events IN ACCESS EXCLUSIVE MODE')
    await sleep(scene.outageMs())
    await client.query('ROLLBACK')
  })

/** Takes every connection, also instead of those that workers have. */
const takeAllConnections = async (scene: Scene): Promise<void> => {
  const clients: Array<pg.Client> = []
  const endMs = Date.now() + scene.outageMs()
  scene.proxy.cutAll()
  while (Date.now() < endMs) {
    try {
      clients.push(await connectDirectly(scene))
    } catch {
      await sleep(20)
    }
  }
  await Promise.all(clients.map(client => client.end()))
}

/** Three connections in a row swallow a request or its answer, and everything after it. */
const swallow =
  (fault: 'swallow-request' | 'swallow-answer') =>
  async ({ proxy }: Scene): Promise<void> => {
    for (let count = 0; count < 3; count += 1) await proxy.failNext(fault)
  }

const ownSessions = `FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'claimlog'`

const disturbances = {
  'kill-server': endAndRestart(cluster => cluster.kill9()),
  'restart-server': endAndRestart(cluster => cluster.stop('fast')),
  'crash-server': endAndRestart(cluster => cluster.stop('immediate')),
  'terminate-sessions': scene =>
    withClient(scene, client => client.query(`SELECT pg_terminate_backend(pid) ${ownSessions}`)),
  'cancel-statements': async scene => {
    for (let count = 0; count < 20; count += 1) {
      await withClient(scene, client => client.query(`SELECT pg_cancel_backend(pid) ${ownSessions}`))
      await sleep(20)
    }
  },
  cut: async ({ proxy }) => proxy.cutAll(),
  refuse: async ({ proxy, outageMs }) => {
    proxy.refuse()
    proxy.cutAll()
    await sleep(outageMs())
    await proxy.accept()
  },
  partition: async ({ proxy, outageMs }) => {
    proxy.partition()
    await sleep(outageMs())
    await proxy.accept()
  },
  'swallow-requests': swallow('swallow-request'),
  'swallow-answers': swallow('swallow-answer'),
  'stop-worker': scene => pauseWorker(pickWorker(scene), scene.outageMs()),
  'stop-worker-with-lock': stopLockingWorker,
  'kill-worker': async scene => pickWorker(scene)?.kill('SIGKILL'),
  'lock-table': lockTable,
  'take-all-connections': takeAllConnections,
} satisfies Readonly<Record<string, (scene: Scene) => Promise<unknown>>>

export type FaultKind = keyof typeof disturbances

export const disturbanceKinds = Object.keys(disturbances) as ReadonlyArray<FaultKind>

/** Disturbs the workers or their server once; resolves when the disturbance is over. */
export const disturb = async (kind: FaultKind, scene: Scene): Promise<void> => {
  await disturbances[kind](scene)
}
