import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { claimlog, type Place } from './command-line.ts'
import { soakTask } from './tasks.ts'

/** The most open tasks: more than the workers have slots for, and few enough to be finished soon at the end. */
const mostOpen = 24

/** Long enough for workers to run out of work at times, so that they have to wait. */
const pauseMs = 300

/** Adds tasks until `rest` aborts, to replace those that are finished; `open` returns the number of open tasks. */
export const feeder = async (place: Place, random: Random, open: () => number, rest: AbortSignal): Promise<void> => {
  for (let added = 0; !rest.aborted;) {
    const wanted = mostOpen - open()
    if (wanted > 0) {
      const tasks = Array.from({ length: random.between(1, wanted) }, () => soakTask(random, (added += 1)))
      const ran = await claimlog(place, ['add', '-'], tasks.map(task => `${JSON.stringify(task)}\n`).join(''))
      if (ran.status !== 0) throw new Error(`tasks could not be added: ${ran.stdout}${ran.stderr}`)
    }
    await sleep(pauseMs, undefined, { signal: rest }).catch(() => undefined)
  }
}
