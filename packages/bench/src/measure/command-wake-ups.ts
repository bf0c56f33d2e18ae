import { type RunningProgram, runningProgram, waits } from '../processes/running-program.ts'
import { withPrograms } from '../processes/processes.ts'
import { randomPause, type WaitingCrew, withWaiting } from '../processes/waiting-crew.ts'
import { commandLine, type Program } from '../processes/whole-process.ts'

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
      if (work === undefined || tail === undefined) throw new Error('fewer processes than requested')
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

/** The file watch exists a few milliseconds before the command has made its first query and begins to wait. */
const pause = (): Promise<void> => randomPause(30, 110)

/** `claim --wait` takes one task, so each round is a new process that has begun to wait. */
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
