import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { type SoakWorkers, isSpared } from './soak-workers.ts'
import type { Disturbance, WorkerProcess } from './soak-worker.ts'

/** The number of disturbances of each kind. */
export type Disturbances = { kills: number; stops: number; exitRequests: number; repeatedExitRequests: number }

const disturb = async (random: Random, worker: WorkerProcess, counts: Disturbances): Promise<void> => {
  const percent = random.between(1, 100)
  if (isSpared(worker) || percent <= 35) return pauseWorker(random, worker, counts)
  if (percent <= 75) {
    counts.kills += 1
    return endWorker(worker, 'killed', 'SIGKILL')
  }
  counts.exitRequests += 1
  endWorker(worker, 'asked to exit', 'SIGTERM')
  if (random.chance(50)) return
  await sleep(random.between(0, 200))
  if (worker.endedAt !== undefined) return
  counts.repeatedExitRequests += 1
  endWorker(worker, 'asked to exit twice', 'SIGTERM')
}

const endWorker = (worker: WorkerProcess, disturbance: Disturbance, signal: NodeJS.Signals): void => {
  worker.disturbed = disturbance
  worker.kill(signal)
}

/** Mostly for longer than any lease; some workers are killed while they are stopped. */
const pauseWorker = async (random: Random, worker: WorkerProcess, counts: Disturbances): Promise<void> => {
  counts.stops += 1
  worker.isStopped = true
  worker.kill('SIGSTOP')
  await sleep(random.between(500, 5000))
  if (!isSpared(worker) && random.chance(20)) {
    counts.kills += 1
    return endWorker(worker, 'killed', 'SIGKILL')
  }
  worker.kill('SIGCONT')
  worker.isStopped = false
}

/** Disturbs workers, one or several at once, until `stopSignal` aborts; resolves when all of them run again. */
export const disturbWorkers = async (
  random: Random,
  workers: SoakWorkers,
  stopSignal: AbortSignal,
): Promise<Disturbances> => {
  const counts: Disturbances = { kills: 0, stops: 0, exitRequests: 0, repeatedExitRequests: 0 }
  const disturbedWorkers = new Set<WorkerProcess>()
  const runningDisturbances = new Set<Promise<void>>()
  while (!stopSignal.aborted) {
    await sleep(random.between(100, 1200), undefined, { signal: stopSignal }).catch(() => undefined)
    const worker = random.oneOf(
      workers.listRunning().filter(each => !disturbedWorkers.has(each) && each.disturbed === undefined),
    )
    if (worker === undefined || stopSignal.aborted) continue
    disturbedWorkers.add(worker)
    const work = disturb(random, worker, counts).finally(() => {
      disturbedWorkers.delete(worker)
      runningDisturbances.delete(work)
    })
    runningDisturbances.add(work)
  }
  await Promise.all(runningDisturbances)
  return counts
}
