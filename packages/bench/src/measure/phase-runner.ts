import { join } from 'node:path'
import type { SyncMode } from '../contenders/contender.ts'
import { type BenchWorkers, type BenchPhase, type PhaseResult, withWorkers } from '../processes/bench-workers.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { Workload } from './workload.ts'

/** More cycles per second than any contender does: an estimate before the first measurement. */
const estimateCyclesPerSecond = ({ syncing, processes }: BenchWorkers, { concurrency = 1 }: BenchPhase): number => {
  if (concurrency > 1) return 100_000
  if (syncing === 'synced') return 25_000
  return processes === 1 ? 150_000 : 70_000
}

/** Runs one phase of the workers in a separate queue. */
export type PhaseRunner = (phase: BenchPhase) => Promise<PhaseResult>

/**
 * Runs phases of the workers, each in a new queue in `dir`, which is deleted afterwards. The queue has twice the tasks
 * of their fastest phase, so that they do not run out; more would take time to write and read, and make it larger.
 */
export const createPhaseRunner = (dir: string, workers: BenchWorkers): PhaseRunner => {
  const queueDir = join(dir, `${workers.contender}-queue`)
  const fastestRates: Partial<Record<Workload, number>> = {}

  const runOnce = async (phase: BenchPhase, tasks: number): Promise<PhaseResult> => {
    await makeQueue(workers.contender, queueDir, tasks)
    await workers.open(queueDir)
    const result = await workers.work(phase)
    // Before the close, so that no process writes a queue.json and a checkpoint that no one will read.
    removeDir(queueDir)
    await workers.close()
    return result
  }

  return async phase => {
    const { [phase.workload]: fastestRate } = fastestRates
    const perSecond =
      fastestRate === undefined
        ? estimateCyclesPerSecond(workers, phase)
        : Math.max(cyclesPerSecondMin, 2 * fastestRate)
    const tasksTimesMs =
      phase.workload === 'add' || phase.workload === 'bulk' ? 0 : perSecond * (phase.warmUpMs + phase.countMs)
    for (let tries = 0; tries < triesMax; tries += 1) {
      const result = await runOnce(phase, Math.ceil((tasksTimesMs / 1000) * 4 ** tries))
      fastestRates[phase.workload] = Math.max(fastestRates[phase.workload] ?? 0, result.perSecond)
      if (result.countedMs >= phase.countMs / 2) return result
    }
    throw new Error(`the tasks ran out too early ${triesMax} times`)
  }
}

/** A lower rate was probably measured while the machine was busy with something else. */
const cyclesPerSecondMin = 5000
const triesMax = 3

/**
 * Time that the workers run before anything counts. Node compiles a function after some thousand calls, and each of
 * many processes calls it a few hundred times a second.
 */
export const compilerWarmUpMs = (processes: number, quick: boolean): number => (1000 * processes) / (quick ? 4 : 1)

/**
 * Starts the workers of both contenders in queues in `dir`; one group is idle while the other runs. There is no
 * second runner if the peer is not installed.
 */
export const withBothContenders = <A>(
  { dir, peer }: { readonly dir: string; readonly peer: boolean },
  syncing: SyncMode,
  processes: number,
  body: (claimlog: PhaseRunner, sqlite: PhaseRunner | undefined) => Promise<A>,
): Promise<A> =>
  withWorkers({ contender: 'claimlog', syncing, processes }, claimlog =>
    peer
      ? withWorkers({ contender: 'sqlite', syncing, processes }, sqlite =>
          body(createPhaseRunner(dir, claimlog), createPhaseRunner(dir, sqlite)),
        )
      : body(createPhaseRunner(dir, claimlog), undefined),
  )

/** The peer's name in the report. With `synchronous` FULL a call waits for the disk, with NORMAL it does not. */
export const peerNames: Readonly<Record<SyncMode, string>> = { unsynced: 'SQLite NORMAL', synced: 'SQLite FULL' }
