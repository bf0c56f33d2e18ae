import type { SyncMode } from '../contenders/contender.ts'
import { createMeanLine, createSampleLines } from '../workspaces/event-lines.ts'
import type { Figure } from '../report/figure.ts'
import { measureWriteAndSync } from '../measure/floors.ts'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import type { BenchScenario, ScenarioContext } from './scenario.ts'
import type { TargetName } from '../report/targets.ts'
import { compilerWarmUpMs, peerNames, type PhaseRunner, withBothContenders } from '../measure/phase-runner.ts'
import { formatProcessCount } from '../report/format-values.ts'

/** Results per cycle if claim and complete are separate calls. */
const resultsPerCycle = 2

/** Cycles per second of both workloads, per round. `floor`: lines per second of a bare write + fdatasync loop. */
type CycleRounds = Readonly<Record<'halves' | 'settle' | 'peerHalves' | 'peerSettle' | 'floor', ReadonlyArray<number>>>

type CycleTargets = Partial<Readonly<Record<'halves' | 'settle' | 'floor', TargetName>>>

const selectTargets = (syncing: SyncMode, processes: number): CycleTargets => {
  if (syncing === 'unsynced')
    return processes === 1 ? { halves: 'unsynced-1' } : processes === 8 ? { halves: 'unsynced-8' } : {}
  if (processes === 1) return { floor: 'synced-1-floor', settle: 'synced-1-settle' }
  return processes === 8 ? { halves: 'synced-8-halves', settle: 'synced-8-settle' } : {}
}

const measure = async (
  context: ScenarioContext,
  syncing: SyncMode,
  processes: number,
  line: string,
): Promise<CycleRounds> => {
  const { dir, quick } = context
  return withBothContenders(context, syncing, processes, async (claimlog, sqlite) => {
    const createMeasurements = (countMs: number) => {
      const measureRate = (runPhase: PhaseRunner | undefined, workload: 'halves' | 'settle') => async () =>
        runPhase === undefined ? Number.NaN : (await runPhase({ workload, warmUpMs: 200, countMs })).perSecond
      return {
        halves: measureRate(claimlog, 'halves'),
        peerHalves: measureRate(sqlite, 'halves'),
        floor: () => (syncing === 'synced' ? measureWriteAndSync(dir, line, countMs / 2) : Number.NaN),
        settle: measureRate(claimlog, 'settle'),
        peerSettle: measureRate(sqlite, 'settle'),
      }
    }
    await alternate(1, createMeasurements(compilerWarmUpMs(processes, quick)))
    return alternate(quick ? 1 : processes === 1 || processes === 8 ? 5 : 3, createMeasurements(quick ? 300 : 1000))
  })
}

const createFigures = (rounds: CycleRounds, syncing: SyncMode, processes: number): ReadonlyArray<Figure> => {
  const label = `${formatProcessCount(processes)}, ${syncing}`
  const targets = selectTargets(syncing, processes)
  const compareRates = (
    what: string,
    claimlog: 'halves' | 'settle',
    sqlite: 'peerHalves' | 'peerSettle',
    target?: TargetName,
  ): Figure => ({
    what: `${label}: ${what}`,
    amount: { value: median(rounds[claimlog]), unit: '/s' },
    baseline: { what: peerNames[syncing], amount: { value: median(rounds[sqlite]), unit: '/s' } },
    ratio: medianRatio(rounds[claimlog], rounds[sqlite]),
    targets: target === undefined ? [] : [target],
    data: { syncing, processes, ours: rounds[claimlog], theirs: rounds[sqlite] },
  })
  const floor: Figure = {
    what: `${label}: results, claim and complete separately`,
    amount: { value: median(rounds.halves) * resultsPerCycle, unit: '/s' },
    baseline: { what: 'bare write + fdatasync', amount: { value: median(rounds.floor), unit: '/s' } },
    ratio: medianRatio(rounds.halves, rounds.floor) * resultsPerCycle,
    targets: targets.floor === undefined ? [] : [targets.floor],
    data: { syncing, processes, floor: rounds.floor },
  }
  return [
    compareRates('claim and complete separately; two UPDATEs', 'halves', 'peerHalves', targets.halves),
    compareRates('complete and claim next; two UPDATEs', 'settle', 'peerHalves', targets.settle),
    compareRates('complete and claim next; both UPDATEs in one transaction', 'settle', 'peerSettle'),
    ...(syncing === 'synced' ? [floor] : []),
  ]
}

/** Tasks claimed and completed per second, by one process and by several at once. */
export const cycles: BenchScenario = {
  name: 'cycles',
  title: 'Claim + complete: cycles per second, all processes together',
  run: async context => {
    const line = createMeanLine(createSampleLines(`${context.dir}/sample`))
    const figures: Array<Figure> = []
    for (const syncing of ['unsynced', 'synced'] as const)
      for (const processes of [1, 4, 8, 16]) {
        context.reportProgress(`cycles of ${formatProcessCount(processes)}, ${syncing}`)
        figures.push(...createFigures(await measure(context, syncing, processes, line), syncing, processes))
      }
    return {
      figures,
      remarks: [
        'Before the semicolon: what claimlog does; after it: what SQLite does. Targets against SQLite compare with two separate statements, one UPDATE for the claim and one for the completion; the gain from one transaction for both is in the rows that say so.',
      ],
    }
  },
}
