import type { ContenderName, Syncing } from '../contenders/contender.ts'
import { type Latency, latencyOf, nowMs } from '../measure/measuring.ts'
import { withProcesses } from './processes.ts'
import type { Shift, Way, Work } from '../measure/shift.ts'
import type { WorkerQuestion } from './worker-process.ts'

/** A phase: the workload, operations at a time per process (default 1), the warm-up, and the time that counts. */
export type Duty = {
  readonly way: Way
  readonly lanes?: number
  readonly warmUpMs: number
  readonly countMs: number
}

/** The work of all processes in a phase, and of each. */
export type Outcome = {
  readonly perSecond: number
  readonly perProcess: ReadonlyArray<number>
  /** The shortest time that a process counted: shorter than that of the phase if the tasks ran out. */
  readonly countedMs: number
  readonly claim: Latency
}

/** The processes to start. */
export type Members = {
  readonly contender: ContenderName
  readonly syncing: Syncing
  readonly processes: number
}

/** Worker processes on one queue, and later on another: they stay, so that their code is compiled already. */
export type Crew = Members & {
  /** Opens the queue in `dir`, and resolves when every process has read its state. */
  readonly open: (dir: string) => Promise<void>
  /** Starts all workers at the same time; otherwise the first one would have all tasks for itself. */
  readonly work: (duty: Duty) => Promise<Outcome>
  /** Closes the queue, so that no process works on it any more. */
  readonly close: () => Promise<void>
}

/** Starts worker processes for `body`, and ends them afterwards. */
export const withCrew = <A>(members: Members, body: (crew: Crew) => Promise<A>): Promise<A> => {
  const { contender, syncing, processes } = members
  const argumentsOf = Array.from({ length: processes }, (_, i) => [contender, syncing, `worker-${i + 1}`])
  return withProcesses('worker-process', argumentsOf, started => {
    const askAll = (question: WorkerQuestion) => Promise.all(started.map(process => process.ask(question)))
    return body({
      ...members,
      open: async dir => void (await askAll({ ask: 'open', dir })),
      work: async ({ way, lanes = 1, warmUpMs, countMs }) => {
        const countFromMs = nowMs() + warmUpMs
        const shift: Shift = { way, lanes, countFromMs, untilMs: countFromMs + countMs }
        return outcomeOf((await askAll({ ask: 'work', shift })) as ReadonlyArray<Work>)
      },
      close: async () => void (await askAll({ ask: 'close' })),
    })
  })
}

const outcomeOf = (works: ReadonlyArray<Work>): Outcome => {
  // If the tasks ran out during the warm-up, no time was counted.
  const perProcess = works.map(work => (work.done * 1000) / Math.max(1, work.countedMs))
  return {
    perSecond: perProcess.reduce((sum, rate) => sum + rate, 0),
    perProcess,
    countedMs: Math.min(...works.map(work => work.countedMs)),
    claim: latencyOf(works.map(work => work.claimMs)),
  }
}

/** The most work of a process divided by the least; infinite if one got no task. */
export const fairnessOf = ({ perProcess }: Outcome): number => Math.max(...perProcess) / Math.min(...perProcess)
