/**
 * One of several workers that run as fast as they can: `node worker-process.js CONTENDER SYNCING NAME`. It opens one
 * requested queue after another, and returns the work it did in each phase.
 */
import type { Contender, ContenderName, OpenContender, SyncMode } from '../contenders/contender.ts'
import { serveRequests } from './measured-process.ts'
import type { ScheduledPhase, WorkResult } from '../measure/workload.ts'

/** A request to a worker process. The response to `open` comes once the queue is open and its state is read. */
export type WorkerRequest =
  | { readonly action: 'open'; readonly place: string }
  | { readonly action: 'work'; readonly phase: ScheduledPhase }
  | { readonly action: 'close' }

const [, , name = '', syncing = '', worker = ''] = process.argv
/** Loaded on demand, so that a process has the code of one contender only. */
const openers: Readonly<Record<ContenderName, () => Promise<OpenContender>>> = {
  claimlog: async () => (await import('../contenders/claimlog.ts')).openClaimlog,
  sqlite: async () => (await import('../contenders/sqlite.ts')).openSqlite,
  'graphile-worker': async () => (await import('../contenders/graphile-worker.ts')).openGraphileWorker,
  'pg-boss': async () => (await import('../contenders/pg-boss.ts')).openPgBoss,
}
const open = await openers[name as ContenderName]()
let contender: Contender | undefined

serveRequests(async (request: WorkerRequest): Promise<WorkResult | 'done'> => {
  if (request.action === 'open') contender = await open(request.place, syncing as SyncMode, worker)
  else if (contender === undefined) throw new Error('no queue is open')
  else if (request.action === 'work') return contender.work(request.phase)
  else await contender.close()
  return 'done'
})
