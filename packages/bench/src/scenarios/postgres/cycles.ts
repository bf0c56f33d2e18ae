import { computeSlowest, type PhaseResult } from '../../processes/bench-workers.ts'
import type { BenchServer } from '../../processes/bench-server.ts'
import type { Figure, FigureUnit } from '../../report/figure.ts'
import { formatProcessCount } from '../../report/format-values.ts'
import type { TargetName } from '../../report/targets.ts'
import { alternate, median, medianRatio } from '../../measure/measurement.ts'
import type { PhaseRunner } from '../../measure/phase-runner.ts'
import { withServerContenders } from '../../measure/server-phases.ts'
import type { Workload } from '../../measure/workload.ts'
import type { ScenarioContext } from '../scenario.ts'
import { serverScenario } from './server-scenario.ts'

/** The phases of each contender: claim and complete as two calls (`halves`), or the loop of its own worker. */
type ServerRounds = Readonly<
  Record<
    'claimlogHalves' | 'claimlogWorker' | 'graphileHalves' | 'graphileWorker' | 'pgBossHalves',
    ReadonlyArray<PhaseResult>
  >
>

/** Milliseconds of a phase that count, by the number of processes: with more of them each does less. */
const countMs = { 1: 1000, 4: 1500, 8: 2500 } as const
type ProcessCount = keyof typeof countMs

const measure = ({ quick }: ScenarioContext, server: BenchServer, processes: ProcessCount): Promise<ServerRounds> =>
  withServerContenders(server, ['claimlog', 'graphile-worker', 'pg-boss'], processes, async runners => {
    const createMeasurements = (ms: number) => {
      const startPhase = (runPhase: PhaseRunner, workload: Workload) => () =>
        // The worker of graphile-worker takes a while to start.
        runPhase({ workload, warmUpMs: (quick ? 100 : 400) + 50 * processes, countMs: ms })
      return {
        claimlogHalves: startPhase(runners.claimlog, 'halves'),
        graphileHalves: startPhase(runners['graphile-worker'], 'halves'),
        pgBossHalves: startPhase(runners['pg-boss'], 'halves'),
        claimlogWorker: startPhase(runners.claimlog, 'worker'),
        graphileWorker: startPhase(runners['graphile-worker'], 'worker'),
      }
    }
    if (!quick) await alternate(1, createMeasurements(200 * processes))
    return alternate(quick ? 1 : 3, createMeasurements(quick ? 200 : countMs[processes]))
  })

type CycleTargetNames = Partial<
  Readonly<Record<'halves' | 'halvesAgainstPgBoss' | 'worker' | 'workerAgainstPgBoss', TargetName>>
>

const selectTargets: Readonly<Record<ProcessCount, CycleTargetNames>> = {
  1: { halves: 'pg-1-graphile', halvesAgainstPgBoss: 'pg-1-boss' },
  4: { halves: 'pg-4-graphile', worker: 'pg-4-worker', workerAgainstPgBoss: 'pg-4-worker-boss' },
  8: { halves: 'pg-8-graphile', worker: 'pg-8-worker', workerAgainstPgBoss: 'pg-8-worker-boss' },
}

const readRates = (results: ReadonlyArray<PhaseResult>): ReadonlyArray<number> =>
  results.map(({ perSecond }) => perSecond)

const createFigures = (rounds: ServerRounds, processes: ProcessCount): ReadonlyArray<Figure> => {
  const targets = selectTargets[processes]
  const compare = (
    what: string,
    ours: 'claimlogHalves' | 'claimlogWorker',
    peer: string,
    theirs: 'graphileHalves' | 'graphileWorker' | 'pgBossHalves',
    target?: TargetName,
  ): Figure => {
    const [ourRates, theirRates] = [readRates(rounds[ours]), readRates(rounds[theirs])]
    const countTasks = (results: ReadonlyArray<PhaseResult>) => results.map(({ taskIds }) => taskIds.flat().length)
    return {
      what: `${formatProcessCount(processes)}: ${what}`,
      amount: { value: median(ourRates), unit: '/s' },
      baseline: { what: peer, amount: { value: median(theirRates), unit: '/s' } },
      ratio: medianRatio(ourRates, theirRates),
      targets: target === undefined ? [] : [target],
      data: {
        processes,
        ours: ourRates,
        theirs: theirRates,
        tasksDoneOnce: { ours: countTasks(rounds[ours]), theirs: countTasks(rounds[theirs]) },
      },
    }
  }
  const separately = 'claim and complete separately'
  const worker = 'the worker of the library'
  const graphileCalls = 'graphile-worker, get and complete a job'
  const pgBossCalls = 'pg-boss, fetch and complete'
  return [
    compare(separately, 'claimlogHalves', graphileCalls, 'graphileHalves', targets.halves),
    compare(separately, 'claimlogHalves', pgBossCalls, 'pgBossHalves', targets.halvesAgainstPgBoss),
    compare(worker, 'claimlogWorker', 'graphile-worker, its worker', 'graphileWorker', targets.worker),
    compare(worker, 'claimlogWorker', pgBossCalls, 'pgBossHalves', targets.workerAgainstPgBoss),
  ]
}

/** Latency and fairness among eight processes, of the same phases as their rates. */
const createContentionFigures = (rounds: ServerRounds): ReadonlyArray<Figure> => {
  const createFigure = (
    what: string,
    unit: FigureUnit,
    ours: 'claimlogHalves' | 'claimlogWorker',
    peer: string,
    theirs: 'graphileHalves' | 'graphileWorker',
    readValue: (result: PhaseResult) => number,
    target?: TargetName,
  ): Figure => {
    const [ourValues, theirValues] = [rounds[ours].map(readValue), rounds[theirs].map(readValue)]
    return {
      what: `8 processes: ${what}`,
      amount: { value: median(ourValues), unit },
      baseline: { what: peer, amount: { value: median(theirValues), unit } },
      targets: target === undefined ? [] : [target],
      data: { ours: ourValues, theirs: theirValues },
    }
  }
  const halves = ['claimlogHalves', 'graphile-worker', 'graphileHalves'] as const
  const worker = ['claimlogWorker', 'graphile-worker', 'graphileWorker'] as const
  return [
    createFigure('separately, slowest process / mean', '×', ...halves, computeSlowest, 'pg-8-slowest'),
    createFigure('worker, slowest process / mean', '×', ...worker, computeSlowest, 'pg-8-slowest-worker'),
    createFigure('claim, p50', 'ms', ...halves, ({ claim }) => claim.p50),
    createFigure('claim, p99', 'ms', ...halves, ({ claim }) => claim.p99, 'pg-8-claim-p99'),
    createFigure('claim, slowest', 'ms', ...halves, ({ claim }) => claim.max),
  ]
}

/** Tasks claimed and completed per second on a server, compared with queues that are tables. */
export const serverCycles = serverScenario({
  name: 'postgres-cycles',
  title: 'PostgreSQL: claim + complete, cycles per second, all processes together',
  run: async (context, server) => {
    const figures: Array<Figure> = []
    for (const processes of context.quick ? ([1, 4] as const) : ([1, 4, 8] as const)) {
      context.reportProgress(`PostgreSQL: cycles, ${formatProcessCount(processes)}`)
      const rounds = await measure(context, server, processes)
      figures.push(...createFigures(rounds, processes))
      if (processes === 8) figures.push(...createContentionFigures(rounds))
    }
    return {
      figures,
      remarks: [
        'Each process does one task at a time; what is completed is flushed. The tables of the peers are new for each measurement, as is the log. It was checked that each task was done once, by the workers and on the server.',
      ],
    }
  },
})
