import { type RunningProgram, watchProgram, waitUntilWatching } from '../processes/running-program.ts'
import { withPrograms } from '../processes/measured-process.ts'
import { randomPause, type WaitingWorkers, withWaitingWorkers } from '../processes/waiting-workers.ts'
import { claimlogProgram, type Program } from '../processes/timed-process.ts'

/** Durations from just before the call that adds a task, in milliseconds, one per round. */
export type CommandWakeUps = {
  /** Until the whole output of `claim --wait` was read. */
  readonly claim: ReadonlyArray<number>
  /** Until `work` had printed its claim. */
  readonly work: ReadonlyArray<number>
  /** Until the output of its command was read. */
  readonly command: ReadonlyArray<number>
  /** Until `tail -f` had printed the event. */
  readonly tail: ReadonlyArray<number>
}

/** Measures how fast waiting commands wake up, in `rounds` of one task per command, in queues in `dir`. */
export const measureCommandWakeUps = (dir: string, rounds: number): Promise<CommandWakeUps> => {
  const queues = ['claim', 'work', 'tail'].map(name => ({
    name: `command-${name}`,
    contender: 'claimlog' as const,
    pollMs: 0,
    processes: 0,
  }))
  return withWaitingWorkers(dir, queues, ([claimWorkers, workWorkers, tailWorkers]) => {
    if (claimWorkers === undefined || workWorkers === undefined || tailWorkers === undefined)
      throw new Error('no queues')
    const worker = claimlogProgram(workWorkers.dir, 'work', 'worker', '--json', '--', 'echo', 'started')
    return withPrograms([worker, claimlogProgram(tailWorkers.dir, 'tail', '-f')], async started => {
      const [work, tail] = started.map(watchProgram)
      if (work === undefined || tail === undefined) throw new Error('fewer processes than requested')
      await Promise.all([waitUntilWatching(work.pid), waitUntilWatching(tail.pid)])
      const wakeUps = { claim: [], work: [], command: [], tail: [] } as Record<keyof CommandWakeUps, Array<number>>
      for (let round = 0; round < rounds; round += 1) {
        wakeUps.claim.push(await measureClaim(claimWorkers))
        const workTimes = await measureWork(workWorkers, work)
        wakeUps.work.push(workTimes.claimedMs)
        wakeUps.command.push(workTimes.startedMs)
        wakeUps.tail.push(await measureTail(tailWorkers, tail))
      }
      return wakeUps
    })
  })
}

/** The file watch exists a few milliseconds before the command has made its first query and begins to wait. */
const pause = (): Promise<void> => randomPause(30, 110)

/** `claim --wait` takes one task, so each round is a new process that has begun to wait. */
const measureClaim = (workers: WaitingWorkers): Promise<number> => {
  const program: Program = claimlogProgram(workers.dir, 'claim', 'worker', '--wait')
  return withPrograms([program], async ([child]) => {
    if (child === undefined) throw new Error('no process')
    const claim = watchProgram(child)
    await waitUntilWatching(claim.pid)
    await pause()
    const resultPrinted = claim.stdout.waitForText('\n}\n')
    const { fromMs } = await workers.add()
    const tookMs = (await resultPrinted) - fromMs
    await claim.exited
    return tookMs
  })
}

const measureWork = async (
  workers: WaitingWorkers,
  work: RunningProgram,
): Promise<{ readonly claimedMs: number; readonly startedMs: number }> => {
  await pause()
  const claimed = work.stdout.waitForText('"event":"claimed"')
  const printed = work.stderr.waitForText('started')
  const { fromMs } = await workers.add()
  const claimedMs = (await claimed) - fromMs
  const startedMs = (await printed) - fromMs
  await work.stdout.waitForText('"event":"completed"')
  return { claimedMs, startedMs }
}

const measureTail = async (workers: WaitingWorkers, tail: RunningProgram): Promise<number> => {
  await pause()
  const printed = tail.stdout.waitForText('"event":"added"')
  const { fromMs } = await workers.add()
  return (await printed) - fromMs
}
