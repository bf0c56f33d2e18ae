import { Logger, run, type SharedOptions, type TaskList } from 'graphile-worker'
import { getUtilsAndReleasersFromOptions } from 'graphile-worker/dist/lib.js'
import { batchCompleteJobs } from 'graphile-worker/dist/sql/completeJobs.js'
import { batchGetJobs } from 'graphile-worker/dist/sql/getJobs.js'
import pg from 'pg'
import { nowMs } from '../measure/measurement.ts'
import { createWorkCounter, type ScheduledPhase, type WorkCounter } from '../measure/workload.ts'
import { benchKind } from '../workspaces/bench-queue.ts'
import { parseServerPlace } from '../workspaces/server-place.ts'
import { sleep } from '../processes/waiting-workers.ts'
import type { OpenContender } from './contender.ts'

const silent = new Logger(() => () => undefined)

/** Queues are schemas: each has its own tables. */
const toOptions = (place: string): SharedOptions & { readonly connectionString: string } => {
  const { connectionString, queueName } = parseServerPlace(place)
  return { connectionString, schema: queueName, logger: silent }
}

/** The statements of its worker, one after the other, without the worker around them. */
const createHalves = async (
  options: SharedOptions,
): Promise<{ readonly work: (counter: WorkCounter) => Promise<void>; readonly close: () => Promise<void> }> => {
  const [utils, release] = await getUtilsAndReleasersFromOptions({ ...options, noHandleSignals: true })
  const { withPgClient } = utils
  const tasks: TaskList = { [benchKind]: () => undefined }
  const poolId = `pool-${process.pid}`
  return {
    work: async counter => {
      for (let before = nowMs(); counter.isRunning(before);) {
        const [job] = await batchGetJobs(utils, withPgClient, tasks, poolId, null, 1)
        const claimedAt = nowMs()
        if (job === undefined) return counter.endPhase(before)
        await batchCompleteJobs(utils, withPgClient.withRetries, poolId, [job])
        const after = nowMs()
        counter.recordTask(job.id)
        counter.recordClaim(before, claimedAt)
        counter.recordWork(before, after)
        before = after
      }
    },
    close: async () => release(),
  }
}

/** Its worker, with one job at a time and its defaults. */
const runWorker = async (
  { connectionString, ...options }: SharedOptions & { readonly connectionString: string },
  phase: ScheduledPhase,
  counter: WorkCounter,
): Promise<void> => {
  let previousMs: number | undefined
  const handler: TaskList[string] = (_, { job }) => {
    const startMs = nowMs()
    counter.recordTask(job.id)
    if (previousMs !== undefined) {
      counter.recordClaim(previousMs, startMs)
      counter.recordWork(previousMs, startMs)
    }
    previousMs = startMs
  }
  const pgPool = new pg.Pool({ connectionString })
  const ignore = (): void => undefined
  pgPool.on('error', ignore).on('connect', client => void client.on('error', ignore))
  const taskList = { [benchKind]: handler }
  const runner = await run({ ...options, pgPool, concurrency: 1, noHandleSignals: true, taskList })
  await sleep(Math.max(0, phase.untilMs - nowMs()))
  await runner.stop()
  // It does not wait until a job is completed, and a pool of its own would be closed before the last one is.
  while (pgPool.waitingCount > 0 || pgPool.idleCount < pgPool.totalCount) await sleep(5)
  await pgPool.end()
}

/** graphile-worker, in a schema that was migrated. */
export const openGraphileWorker: OpenContender = async place => {
  const options = toOptions(place)
  const halves = await createHalves(options)
  return {
    work: async phase => {
      const counter = createWorkCounter(phase)
      if (phase.workload === 'halves') await halves.work(counter)
      else if (phase.workload === 'worker') await runWorker(options, phase, counter)
      else throw new Error(`graphile-worker is not measured with ${phase.workload}`)
      return counter.result()
    },
    close: halves.close,
  }
}
