import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { nowMs } from './measurement.ts'
import { processorMs } from './processor-time.ts'
import { requirePid, withPrograms } from '../processes/measured-process.ts'
import { waitUntilWatching } from '../processes/running-program.ts'
import { type WaitingGroup, sleep, withWaitingWorkers } from '../processes/waiting-workers.ts'
import { claimlogProgram, type Program } from '../processes/timed-process.ts'

/** The processor time of each process while idle, in percent of one core. */
export type IdleTime = Readonly<Record<'work' | 'tail', ReadonlyArray<number>>> & {
  /** In the order of the groups. */
  readonly groups: ReadonlyArray<ReadonlyArray<number>>
}

/** Long enough for the work after a process start, such as compiling hot code. */
const startUpMs = 3000

/**
 * Measures the given groups, and `processes` each of `claimlog work` and `claimlog tail -f`, all waiting at the same
 * time at idle queues in `dir`. undefined: the system does not report processor times.
 */
export const measureIdleTime = (
  dir: string,
  groups: ReadonlyArray<WaitingGroup>,
  processes: number,
  durationMs: number,
): Promise<IdleTime | undefined> => {
  mkdirSync(dir, { recursive: true })
  const commandGroup: WaitingGroup = { name: 'commands', contender: 'claimlog', pollMs: 0, processes: 0 }
  return withWaitingWorkers(dir, [...groups, commandGroup], started => {
    const commandDir = join(dir, commandGroup.name)
    const programs = Array.from({ length: processes }, (_, i): ReadonlyArray<Program> => [
      claimlogProgram(commandDir, 'work', `worker-${i + 1}`, '--', 'true'),
      claimlogProgram(commandDir, 'tail', '-f'),
    ]).flat()
    return withPrograms(programs, async children => {
      for (const { stdout, stderr } of children) {
        stdout.resume()
        stderr.resume()
      }
      const pids = children.map(requirePid)
      await Promise.all(pids.map(waitUntilWatching))
      await sleep(startUpMs)
      const waitingPids = started.flatMap(group => group.pids)
      const shares = await measureCpuShares([...waitingPids, ...pids], durationMs)
      if (shares === undefined) return undefined
      let from = 0
      const perGroup = started.slice(0, groups.length).map(group => shares.slice(from, (from += group.pids.length)))
      const commands = shares.slice(waitingPids.length)
      return {
        groups: perGroup,
        work: commands.filter((_, i) => i % 2 === 0),
        tail: commands.filter((_, i) => i % 2 === 1),
      } satisfies IdleTime
    })
  })
}

const measureCpuShares = async (
  pids: ReadonlyArray<number>,
  durationMs: number,
): Promise<ReadonlyArray<number> | undefined> => {
  const startMs = pids.map(processorMs)
  const fromMs = nowMs()
  await sleep(durationMs)
  const endMs = pids.map(processorMs)
  const tookMs = nowMs() - fromMs
  const used = endMs.map((ms, i) => (ms ?? Number.NaN) - (startMs[i] ?? Number.NaN))
  return used.some(Number.isNaN) ? undefined : used.map(ms => (100 * ms) / tookMs)
}
