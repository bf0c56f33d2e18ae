import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { runClaimlog, type SoakDirs } from './command-line.ts'
import { drawTask } from './tasks.ts'

/** The most open tasks: more than the workers have slots for, and few enough to be finished soon at the end. */
const openTasksMax = 24

/** Long enough for workers to run out of work at times, so that they have to wait. */
const pauseMs = 300

/** Adds tasks until `stopSignal` aborts, to replace those that are finished; `countOpen` returns the number of open tasks. */
export const feedTasks = async (
  dirs: SoakDirs,
  random: Random,
  countOpen: () => number,
  stopSignal: AbortSignal,
): Promise<void> => {
  for (let addedCount = 0; !stopSignal.aborted;) {
    const missing = openTasksMax - countOpen()
    if (missing > 0) {
      const tasks = Array.from({ length: random.between(1, missing) }, () => drawTask(random, (addedCount += 1)))
      const result = await runClaimlog(dirs, ['add', '-'], tasks.map(task => `${JSON.stringify(task)}\n`).join(''))
      if (result.status !== 0) throw new Error(`tasks could not be added: ${result.stdout}${result.stderr}`)
    }
    await sleep(pauseMs, undefined, { signal: stopSignal }).catch(() => undefined)
  }
}
