import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { nowMs } from './measuring.ts'
import { processorMs } from './processor-time.ts'
import { pidOf, withPrograms } from '../processes/processes.ts'
import { waits } from '../processes/running-program.ts'
import { type Members, sleep, withWaiting } from '../processes/waiting-crew.ts'
import { commandLine, type Program } from '../processes/whole-process.ts'

/** The processor time of each process while idle, in percent of one core. */
export type IdleTime = Readonly<Record<'work' | 'tail', ReadonlyArray<number>>> & {
  /** In the order of the groups. */
  readonly crews: ReadonlyArray<ReadonlyArray<number>>
}

/** Long enough for the work after a process start, such as compiling hot code. */
const settlingMs = 3000

/**
 * Measures the given groups, and `processes` each of `claimlog work` and `claimlog tail -f`, all waiting at the same
 * time at idle queues in `dir`. undefined: the system does not report processor times.
 */
export const idleTime = (
  dir: string,
  crews: ReadonlyArray<Members>,
  processes: number,
  forMs: number,
): Promise<IdleTime | undefined> => {
  mkdirSync(dir, { recursive: true })
  const place: Members = { name: 'commands', contender: 'claimlog', pollMs: 0, processes: 0 }
  return withWaiting(dir, [...crews, place], started => {
    const where = join(dir, place.name)
    const programs = Array.from({ length: processes }, (_, i): ReadonlyArray<Program> => [
      commandLine(where, 'work', `worker-${i + 1}`, '--', 'true'),
      commandLine(where, 'tail', '-f'),
    ]).flat()
    return withPrograms(programs, async children => {
      for (const { stdout, stderr } of children) {
        stdout.resume()
        stderr.resume()
      }
      const pids = children.map(pidOf)
      await Promise.all(pids.map(waits))
      await sleep(settlingMs)
      const waiting = started.flatMap(crew => crew.pids)
      const shares = await sharesOf([...waiting, ...pids], forMs)
      if (shares === undefined) return undefined
      let from = 0
      const perCrew = started.slice(0, crews.length).map(crew => shares.slice(from, (from += crew.pids.length)))
      const commands = shares.slice(waiting.length)
      return {
        crews: perCrew,
        work: commands.filter((_, i) => i % 2 === 0),
        tail: commands.filter((_, i) => i % 2 === 1),
      } satisfies IdleTime
    })
  })
}

const sharesOf = async (pids: ReadonlyArray<number>, forMs: number): Promise<ReadonlyArray<number> | undefined> => {
  const before = pids.map(processorMs)
  const fromMs = nowMs()
  await sleep(forMs)
  const after = pids.map(processorMs)
  const tookMs = nowMs() - fromMs
  const used = after.map((ms, i) => (ms ?? Number.NaN) - (before[i] ?? Number.NaN))
  return used.some(Number.isNaN) ? undefined : used.map(ms => (100 * ms) / tookMs)
}
