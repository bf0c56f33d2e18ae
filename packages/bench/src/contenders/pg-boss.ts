import PgBoss from 'pg-boss'
import { nowMs } from '../measure/measurement.ts'
import { createWorkCounter } from '../measure/workload.ts'
import { parseServerPlace } from '../workspaces/server-place.ts'
import type { OpenContender } from './contender.ts'

/**
 * Connects pg-boss to a database; `migrate` makes its tables. Its maintenance, which would run in one of the processes,
 * is off: that is to the advantage of pg-boss.
 */
export const startPgBoss = async (connectionString: string, migrate: boolean): Promise<PgBoss> => {
  const boss = new PgBoss({ connectionString, migrate, supervise: false, schedule: false })
  boss.on('error', thrown => {
    throw thrown
  })
  return boss.start()
}

/** pg-boss: `fetch` and `complete`. Its worker polls, at most twice a second, so it is not measured. */
export const openPgBoss: OpenContender = async place => {
  const { connectionString, queueName } = parseServerPlace(place)
  const boss = await startPgBoss(connectionString, false)
  return {
    work: async phase => {
      if (phase.workload !== 'halves') throw new Error(`pg-boss is not measured with ${phase.workload}`)
      const counter = createWorkCounter(phase)
      for (let before = nowMs(); counter.isRunning(before);) {
        const [job] = await boss.fetch(queueName)
        const claimedAt = nowMs()
        if (job === undefined) {
          counter.endPhase(before)
          break
        }
        await boss.complete(queueName, job.id)
        const after = nowMs()
        counter.recordTask(job.id)
        counter.recordClaim(before, claimedAt)
        counter.recordWork(before, after)
        before = after
      }
      return counter.result()
    },
    close: () => boss.stop({ graceful: false }),
  }
}
