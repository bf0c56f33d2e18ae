import type { SyncMode } from '../contenders/contender.ts'
import { computeFairness, type PhaseResult } from '../processes/bench-workers.ts'
import type { Figure, FigureUnit } from '../report/figure.ts'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import type { BenchScenario, ScenarioContext } from './scenario.ts'
import type { TargetName } from '../report/targets.ts'
import { compilerWarmUpMs, peerNames, type PhaseRunner, withBothContenders } from '../measure/phase-runner.ts'

const processes = 8

type ContentionRounds = { readonly ours: ReadonlyArray<PhaseResult>; readonly theirs: ReadonlyArray<PhaseResult> }

const measure = (context: ScenarioContext, syncing: SyncMode): Promise<ContentionRounds> => {
  const { quick } = context
  // Longer than the delay of queue.json, so that deferred writes are included.
  const countMs = quick ? 1500 : 10_000
  return withBothContenders(context, syncing, processes, async (claimlog, sqlite) => {
    const startPhase = (runPhase: PhaseRunner, ms: number) => () =>
      runPhase({ workload: 'halves', warmUpMs: 200, countMs: ms })
    const createMeasurements = (ms: number) => ({
      ours: startPhase(claimlog, ms),
      theirs: sqlite === undefined ? () => undefined : startPhase(sqlite, ms),
    })
    await alternate<'ours' | 'theirs', PhaseResult | undefined>(
      1,
      createMeasurements(compilerWarmUpMs(processes, quick)),
    )
    const rounds = await alternate<'ours' | 'theirs', PhaseResult | undefined>(
      quick ? 1 : 3,
      createMeasurements(countMs),
    )
    const dropMissing = (results: ReadonlyArray<PhaseResult | undefined>) =>
      results.filter(result => result !== undefined)
    return { ours: dropMissing(rounds.ours), theirs: dropMissing(rounds.theirs) }
  })
}

/** A value of a result, with the target that it is judged by if unsynced and if synced. */
type ContentionAspect = {
  readonly what: string
  readonly unit: FigureUnit
  readonly readValue: (result: PhaseResult) => number
  readonly unsynced?: TargetName
  readonly synced?: TargetName
}

const aspects: ReadonlyArray<ContentionAspect> = [
  {
    what: 'most / least work of a process',
    unit: '×',
    readValue: computeFairness,
    unsynced: 'fairness-unsynced',
    synced: 'fairness-synced',
  },
  { what: 'claim, p50', unit: 'ms', readValue: ({ claim }) => claim.p50 },
  { what: 'claim, p99', unit: 'ms', readValue: ({ claim }) => claim.p99 },
  { what: 'claim, p99.9', unit: 'ms', readValue: ({ claim }) => claim.p999, unsynced: 'claim-p999' },
  { what: 'claim, slowest', unit: 'ms', readValue: ({ claim }) => claim.max, unsynced: 'claim-max' },
  { what: 'cycles, long run', unit: '/s', readValue: ({ perSecond }) => perSecond },
]

const createFigure = (
  { what, unit, readValue, ...aspectTargets }: ContentionAspect,
  { ours: claimlog, theirs: sqlite }: ContentionRounds,
  syncing: SyncMode,
): Figure => {
  const target = aspectTargets[syncing]
  const [claimlogValues, sqliteValues] = [claimlog.map(readValue), sqlite.map(readValue)]
  return {
    what: `${processes} processes, ${syncing}: ${what}`,
    amount: { value: median(claimlogValues), unit },
    baseline: { what: peerNames[syncing], amount: { value: median(sqliteValues), unit } },
    ratio: medianRatio(claimlogValues, sqliteValues),
    targets: target === undefined ? [] : [target],
    data: { syncing, ours: claimlogValues, theirs: sqliteValues },
  }
}

/** Fairness and claim latency when eight processes compete for the same tasks. */
export const contention: BenchScenario = {
  name: 'contention',
  title: 'Eight processes at once: fairness and claim latency',
  run: async context => {
    const figures: Array<Figure> = []
    for (const syncing of ['unsynced', 'synced'] as const) {
      context.reportProgress(`eight processes, ${syncing}`)
      const rounds = await measure(context, syncing)
      figures.push(...aspects.map(aspect => createFigure(aspect, rounds, syncing)))
    }
    return {
      figures,
      remarks: [
        'Claim and complete are separate commands. Every claim that was running at any time during the measurement counts, with its full duration. If a process got no claim, the first row is infinite.',
      ],
    }
  },
}
