import { withWorkers } from '../processes/bench-workers.ts'
import type { Figure } from '../report/figure.ts'
import { alternate, median } from '../measure/measurement.ts'
import type { BenchScenario } from './scenario.ts'
import { compilerWarmUpMs, createPhaseRunner } from '../measure/phase-runner.ts'

const concurrency = 100

/** Throughput of a program with many commands in flight. */
export const inFlight: BenchScenario = {
  name: 'in-flight',
  title: `${concurrency} commands in flight in one process, synced`,
  run: async ({ dir, quick, reportProgress }) => {
    reportProgress(`${concurrency} commands in flight`)
    const rounds = await withWorkers({ contender: 'claimlog', syncing: 'synced', processes: 1 }, async workers => {
      const runPhase = createPhaseRunner(dir, workers)
      const createMeasurements = (countMs: number) => {
        const measureRate = (workload: 'halves' | 'settle') => async () =>
          (await runPhase({ workload, concurrency, warmUpMs: 200, countMs })).perSecond
        return { settle: measureRate('settle'), halves: measureRate('halves') }
      }
      await alternate(1, createMeasurements(compilerWarmUpMs(1, quick)))
      return alternate(quick ? 1 : 5, createMeasurements(quick ? 500 : 2000))
    })
    const createFigure = (what: string, workload: keyof typeof rounds): Figure => ({
      what,
      amount: { value: median(rounds[workload]), unit: '/s' },
      targets: workload === 'settle' ? ['in-flight'] : [],
      data: { rounds: rounds[workload] },
    })
    return {
      figures: [
        createFigure('cycles, complete and claim next', 'settle'),
        createFigure('cycles, claim and complete separately', 'halves'),
      ],
      remarks: ['They share lock and sync (group commit), and each returns its own result.'],
    }
  },
}
