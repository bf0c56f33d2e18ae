import type { ContenderName, SyncMode } from '../contenders/contender.ts'
import { type Latency, summarizeLatency, nowMs } from '../measure/measurement.ts'
import { withProcesses } from './measured-process.ts'
import type { ScheduledPhase, Workload, WorkResult } from '../measure/workload.ts'
import type { WorkerRequest } from './worker-process.ts'

/** A phase: the workload, operations at a time per process (default 1), the warm-up, and the time that counts. */
export type BenchPhase = {
  readonly workload: Workload
  readonly concurrency?: number
  readonly warmUpMs: number
  readonly countMs: number
  readonly keepsTaskIds?: boolean
}

/** The work of all processes in a phase, and of each. */
export type PhaseResult = {
  readonly perSecond: number
  readonly perProcess: ReadonlyArray<number>
  /** The shortest time that a process counted: shorter than that of the phase if the tasks ran out. */
  readonly countedMs: number
  readonly claim: Latency
  /** Of each process the tasks that it completed; empty unless the phase keeps them. */
  readonly taskIds: ReadonlyArray<ReadonlyArray<string>>
}

/** The processes to start. */
export type WorkersOptions = {
  readonly contender: ContenderName
  readonly syncing: SyncMode
  readonly processes: number
}

/** Worker processes on one queue, and later on another: they stay, so that their code is compiled already. */
export type BenchWorkers = WorkersOptions & {
  /** Opens the queue at `place`, and resolves when every process has read its state. */
  readonly open: (place: string) => Promise<void>
  /** Opens a queue of its own for each process. */
  readonly openEach: (places: ReadonlyArray<string>) => Promise<void>
  /** Starts all workers at the same time; otherwise the first one would have all tasks for itself. */
  readonly work: (phase: BenchPhase) => Promise<PhaseResult>
  /** Closes the queue, so that no process works on it any more. */
  readonly close: () => Promise<void>
}

/** Starts worker processes for `body`, and ends them afterwards. */
export const withWorkers = <A>(options: WorkersOptions, body: (workers: BenchWorkers) => Promise<A>): Promise<A> => {
  const { contender, syncing, processes } = options
  const argumentLists = Array.from({ length: processes }, (_, i) => [contender, syncing, `worker-${i + 1}`])
  return withProcesses('worker-process', argumentLists, started => {
    const requestAll = (request: WorkerRequest) => Promise.all(started.map(process => process.request(request)))
    return body({
      ...options,
      open: async place => void (await requestAll({ action: 'open', place })),
      openEach: async places => {
        const openOne = (place: string): WorkerRequest => ({ action: 'open', place })
        await Promise.all(started.map(({ request }, i) => request(openOne(places[i] ?? ''))))
      },
      work: async ({ concurrency = 1, warmUpMs, countMs, ...phase }) => {
        const countFromMs = nowMs() + warmUpMs
        const scheduledPhase: ScheduledPhase = { ...phase, concurrency, countFromMs, untilMs: countFromMs + countMs }
        return combineResults(
          (await requestAll({ action: 'work', phase: scheduledPhase })) as ReadonlyArray<WorkResult>,
        )
      },
      close: async () => void (await requestAll({ action: 'close' })),
    })
  })
}

const combineResults = (results: ReadonlyArray<WorkResult>): PhaseResult => {
  // If the tasks ran out during the warm-up, no time was counted.
  const perProcess = results.map(result => (result.done * 1000) / Math.max(1, result.countedMs))
  return {
    perSecond: perProcess.reduce((sum, rate) => sum + rate, 0),
    perProcess,
    countedMs: Math.min(...results.map(result => result.countedMs)),
    claim: summarizeLatency(results.map(result => result.claimMs)),
    taskIds: results.map(result => result.taskIds),
  }
}

/** The least work of a process divided by the mean. */
export const computeSlowest = ({ perProcess, perSecond }: PhaseResult): number =>
  Math.min(...perProcess) / (perSecond / perProcess.length)

/** The most work of a process divided by the least; infinite if one got no task. */
export const computeFairness = ({ perProcess }: PhaseResult): number =>
  Math.max(...perProcess) / Math.min(...perProcess)
