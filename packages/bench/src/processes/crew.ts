import type { ContenderName, Syncing } from '../contenders/contender.ts'
import { type Latency, latencyOf, nowMs } from '../measure/measuring.ts'
import { withProcesses } from './processes.ts'
import type { Shift, Way, Work } from '../measure/shift.ts'
import type { WorkerQuestion } from './worker-process.ts'

/** What processes are told to do, how long before they count, and then how long. `lanes`: each so many at once; 1 unless said. */
export type Duty = {
  readonly way: Way
  readonly lanes?: number
  readonly warmUpMs: number
  readonly countMs: number
}

/** What processes did together, and each of them. */
export type Outcome = {
  readonly perSecond: number
  readonly perProcess: ReadonlyArray<number>
  /** The shortest time that a process counted: less than the duty's where the tasks ran out. */
  readonly countedMs: number
  readonly claim: Latency
}

/** Who works. */
export type Members = {
  readonly contender: ContenderName
  readonly syncing: Syncing
  readonly processes: number
}

/** Processes that work on the same queue, one queue after another: what their compiler has learnt stays. */
export type Crew = Members & {
  /** Opens the queue in `dir`; each process knows it when this answers. */
  readonly open: (dir: string) => Promise<void>
  /** Lets all work, from the same moment on: whoever comes first would otherwise have the tasks for itself. */
  readonly work: (duty: Duty) => Promise<Outcome>
  /** Lets go of the queue, so that nothing is done for it any more. */
  readonly close: () => Promise<void>
}

/** Starts a crew for `body`, and ends it afterwards. */
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
  // Where the tasks ran out while warming up, nothing was counted.
  const perProcess = works.map(work => (work.done * 1000) / Math.max(1, work.countedMs))
  return {
    perSecond: perProcess.reduce((sum, rate) => sum + rate, 0),
    perProcess,
    countedMs: Math.min(...works.map(work => work.countedMs)),
    claim: latencyOf(works.map(work => work.claimMs)),
  }
}

/** The luckiest process's work over the unluckiest one's; infinite where one got nothing. */
export const fairnessOf = ({ perProcess }: Outcome): number => Math.max(...perProcess) / Math.min(...perProcess)
