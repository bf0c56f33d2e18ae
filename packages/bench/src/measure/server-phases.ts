import type { ContenderName } from '../contenders/contender.ts'
import { type BenchServer, type ServerDatabase } from '../processes/bench-server.ts'
import { type BenchPhase, type BenchWorkers, type PhaseResult, withWorkers } from '../processes/bench-workers.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import { listDoneTasks } from '../workspaces/server-queue.ts'
import type { PhaseRunner } from './phase-runner.ts'
import type { Workload } from './workload.ts'

/** More cycles per second than any contender does on a server, before the first measurement. */
const estimatedPerSecond = 2500
const cyclesPerSecondMin = 1000
const tasksMin = 200
const triesMax = 3

/**
 * Runs phases of the workers, each in a new queue on a server, and checks after each that every task was done once:
 * each one that a worker completed is completed on the server, and no other.
 */
export const createServerPhaseRunner = (
  server: BenchServer,
  workers: BenchWorkers,
  database: ServerDatabase = 'fast',
): PhaseRunner => {
  const { contender } = workers
  const fastestRates: Partial<Record<Workload, number>> = {}

  const runOnce = async (phase: BenchPhase, tasks: number): Promise<PhaseResult> => {
    const place = server.newPlace(database, contender.replace('-', '_'))
    await makeQueue(contender, place, tasks)
    await workers.open(place)
    const result = await workers.work({ ...phase, keepsTaskIds: true })
    await workers.close()
    assertDoneOnce(contender, result.taskIds.flat(), await listDoneTasks(contender, place, tasks))
    return result
  }

  return async phase => {
    const { warmUpMs, countMs, workload, concurrency = 1 } = phase
    const { [workload]: fastestRate } = fastestRates
    const perSecond =
      fastestRate === undefined
        ? estimatedPerSecond * Math.min(concurrency, 8)
        : Math.max(cyclesPerSecondMin, 2 * fastestRate)
    const estimatedTasks = Math.max(tasksMin, (perSecond * (warmUpMs + countMs)) / 1000)
    for (let tries = 0; tries < triesMax; tries += 1) {
      const tasks = Math.ceil(estimatedTasks * 4 ** tries)
      const result = await runOnce(phase, tasks)
      fastestRates[workload] = Math.max(fastestRates[workload] ?? 0, result.perSecond)
      if (result.taskIds.flat().length < tasks) return result
    }
    throw new Error(`${contender}: the tasks ran out ${triesMax} times`)
  }
}

/** Throws unless every task that was reported as done was reported once, and is done on the server; and no other. */
export const assertDoneOnce = (
  contender: ContenderName,
  reported: ReadonlyArray<string>,
  recorded: ReadonlyArray<string>,
): void => {
  const [reportedSet, recordedSet] = [new Set(reported), new Set(recorded)]
  const problems = [
    ...(reported.length > reportedSet.size ? [`${reported.length - reportedSet.size} were done twice`] : []),
    ...(recorded.length > recordedSet.size ? [`${recorded.length - recordedSet.size} were recorded twice`] : []),
    ...(reported.some(id => !recordedSet.has(id)) ? ['some are not done on the server'] : []),
    ...(recorded.some(id => !reportedSet.has(id)) ? ['some are done only on the server'] : []),
    ...(reported.length === 0 ? ['none was done'] : []),
  ]
  if (problems.length > 0) throw new Error(`${contender}, of ${reported.length} tasks: ${problems.join('; ')}`)
}

/** Starts the workers of several contenders; one group is idle while another runs. */
export const withServerContenders = async <C extends ContenderName, A>(
  server: BenchServer,
  contenders: ReadonlyArray<C>,
  processes: number,
  body: (runners: Readonly<Record<C, PhaseRunner>>) => Promise<A>,
): Promise<A> => {
  const startNext = (index: number, runners: Partial<Record<C, PhaseRunner>>): Promise<A> => {
    const contender = contenders[index]
    if (contender === undefined) return body(runners as Record<C, PhaseRunner>)
    return withWorkers({ contender, syncing: 'synced', processes }, workers =>
      startNext(index + 1, { ...runners, [contender]: createServerPhaseRunner(server, workers) }),
    )
  }
  return startNext(0, {})
}
