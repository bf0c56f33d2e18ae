import { type RunningProgram, runningProgram, waits } from '../processes/running-program.ts'
import { withPrograms } from '../processes/processes.ts'
import { randomPause, type WaitingCrew, withWaiting } from '../processes/waiting-crew.ts'
import { commandLine, type Program } from '../processes/whole-process.ts'

/** From just before a task was asked to be added, in milliseconds, for each time. */
export type CommandWakeUps = {
  /** Until all of the answer of `claim --wait` had come out of it. */
  readonly claim: ReadonlyArray<number>
  /** Until `work` had said that it holds the task. */
  readonly work: ReadonlyArray<number>
  /** Until what its command printed had come out of it. */
  readonly command: ReadonlyArray<number>
  /** Until `tail -f` had printed the event. */
  readonly tail: ReadonlyArray<number>
}

/** How fast the commands of the command line wake that wait, by `rounds` of one task for each, in queues in `dir`. */
export const commandWakeUps = (dir: string, rounds: number): Promise<CommandWakeUps> => {
  const queues = ['claim', 'work', 'tail'].map(name => ({
    name: `command-${name}`,
    contender: 'claimlog' as const,
    pollMs: 0,
    processes: 0,
  }))
  return withWaiting(dir, queues, ([forClaim, forWork, forTail]) => {
    if (forClaim === undefined || forWork === undefined || forTail === undefined) throw new Error('no queues')
    const worker = commandLine(forWork.dir, 'work', 'worker', '--json', '--', 'echo', 'started')
    return withPrograms([worker, commandLine(forTail.dir, 'tail', '-f')], async started => {
      const [work, tail] = started.map(runningProgram)
      if (work === undefined || tail === undefined) throw new Error('fewer processes than asked for')
      await Promise.all([waits(work.pid), waits(tail.pid)])
      const wakeUps = { claim: [], work: [], command: [], tail: [] } as Record<keyof CommandWakeUps, Array<number>>
      for (let round = 0; round < rounds; round += 1) {
        wakeUps.claim.push(await claimOnce(forClaim))
        const worked = await workOnce(forWork, work)
        wakeUps.work.push(worked.claimedMs)
        wakeUps.command.push(worked.startedMs)
        wakeUps.tail.push(await tailOnce(forTail, tail))
      }
      return wakeUps
    })
  })
}

/** The watch is there a few milliseconds before what comes first is looked at and the waiting begins. */
const pause = (): Promise<void> => randomPause(30, 110)

/** `claim --wait` is one task: each time it is another process, which has begun to wait. */
const claimOnce = (crew: WaitingCrew): Promise<number> => {
  const program: Program = commandLine(crew.dir, 'claim', 'worker', '--wait')
  return withPrograms([program], async ([child]) => {
    if (child === undefined) throw new Error('no process')
    const claim = runningProgram(child)
    await waits(claim.pid)
    await pause()
    const answered = claim.stdout.saidMs('\n}\n')
    const { fromMs } = await crew.add()
    const tookMs = (await answered) - fromMs
    await claim.ended
    return tookMs
  })
}

const workOnce = async (
  crew: WaitingCrew,
  work: RunningProgram,
): Promise<{ readonly claimedMs: number; readonly startedMs: number }> => {
  await pause()
  const claimed = work.stdout.saidMs('"event":"claimed"')
  const printed = work.stderr.saidMs('started')
  const { fromMs } = await crew.add()
  const claimedMs = (await claimed) - fromMs
  const startedMs = (await printed) - fromMs
  await work.stdout.saidMs('"event":"completed"')
  return { claimedMs, startedMs }
}

const tailOnce = async (crew: WaitingCrew, tail: RunningProgram): Promise<number> => {
  await pause()
  const printed = tail.stdout.saidMs('"event":"added"')
  const { fromMs } = await crew.add()
  return (await printed) - fromMs
}
