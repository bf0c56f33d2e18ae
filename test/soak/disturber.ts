import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { type Crew, isSpared } from './crew.ts'
import type { Disturbance, WorkerProcess } from './worker-process.ts'

/** The number of disturbances of each kind. */
export type Disturbances = { kills: number; stops: number; tells: number; tellsTwice: number }

const disturb = async (random: Random, worker: WorkerProcess, done: Disturbances): Promise<void> => {
  const what = random.between(1, 100)
  if (isSpared(worker) || what <= 35) return stopForAWhile(random, worker, done)
  if (what <= 75) {
    done.kills += 1
    return end(worker, 'killed', 'SIGKILL')
  }
  done.tells += 1
  end(worker, 'told', 'SIGTERM')
  if (random.chance(50)) return
  await sleep(random.between(0, 200))
  if (worker.endedAt !== undefined) return
  done.tellsTwice += 1
  end(worker, 'told twice', 'SIGTERM')
}

const end = (worker: WorkerProcess, how: Disturbance, signal: NodeJS.Signals): void => {
  worker.disturbed = how
  worker.kill(signal)
}

/** Mostly for longer than any lease; some workers are killed while they are stopped. */
const stopForAWhile = async (random: Random, worker: WorkerProcess, done: Disturbances): Promise<void> => {
  done.stops += 1
  worker.isStopped = true
  worker.kill('SIGSTOP')
  await sleep(random.between(500, 5000))
  if (!isSpared(worker) && random.chance(20)) {
    done.kills += 1
    return end(worker, 'killed', 'SIGKILL')
  }
  worker.kill('SIGCONT')
  worker.isStopped = false
}

/** Disturbs workers, one or several at once, until `rest` aborts; resolves when all of them run again. */
export const disturber = async (random: Random, crew: Crew, rest: AbortSignal): Promise<Disturbances> => {
  const done: Disturbances = { kills: 0, stops: 0, tells: 0, tellsTwice: 0 }
  const under = new Set<WorkerProcess>()
  const working = new Set<Promise<void>>()
  while (!rest.aborted) {
    await sleep(random.between(100, 1200), undefined, { signal: rest }).catch(() => undefined)
    const worker = random.oneOf(crew.now().filter(each => !under.has(each) && each.disturbed === undefined))
    if (worker === undefined || rest.aborted) continue
    under.add(worker)
    const work = disturb(random, worker, done).finally(() => {
      under.delete(worker)
      working.delete(work)
    })
    working.add(work)
  }
  await Promise.all(working)
  return done
}
