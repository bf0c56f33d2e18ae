import type { Figure } from '../report/figure.ts'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import type { BenchScenario } from './scenario.ts'
import { tasksPerBulkAdd } from '../measure/workload.ts'
import type { TargetName } from '../report/targets.ts'
import { compilerWarmUpMs, peerNames, type PhaseRunner, withBothContenders } from '../measure/phase-runner.ts'
import { formatNumber } from '../report/format-values.ts'

/** Tasks added per second. */
export const addTasks: BenchScenario = {
  name: 'adding',
  title: 'Adding tasks, synced, one process',
  run: async ({ dir, quick, peer, reportProgress }) => {
    reportProgress('adding tasks')
    const rounds = await withBothContenders({ dir, peer }, 'synced', 1, async (claimlog, sqlite) => {
      const createMeasurements = (countMs: number) => {
        const measureRate = (runPhase: PhaseRunner | undefined, workload: 'add' | 'bulk') => async () =>
          runPhase === undefined ? Number.NaN : (await runPhase({ workload, warmUpMs: 200, countMs })).perSecond
        return {
          add: measureRate(claimlog, 'add'),
          peerAdd: measureRate(sqlite, 'add'),
          bulk: measureRate(claimlog, 'bulk'),
          peerBulk: measureRate(sqlite, 'bulk'),
        }
      }
      await alternate(1, createMeasurements(compilerWarmUpMs(1, quick)))
      return alternate(quick ? 1 : 5, createMeasurements(quick ? 300 : 1000))
    })
    const createFigure = (
      what: string,
      claimlog: keyof typeof rounds,
      sqlite: keyof typeof rounds,
      target: TargetName,
    ): Figure => ({
      what,
      amount: { value: median(rounds[claimlog]), unit: '/s' },
      baseline: { what: peerNames.synced, amount: { value: median(rounds[sqlite]), unit: '/s' } },
      ratio: medianRatio(rounds[claimlog], rounds[sqlite]),
      targets: [target],
      data: { ours: rounds[claimlog], theirs: rounds[sqlite] },
    })
    return {
      figures: [
        createFigure('one by one, tasks', 'add', 'peerAdd', 'add-one'),
        createFigure(`${formatNumber(tasksPerBulkAdd)} in one command, tasks`, 'bulk', 'peerBulk', 'add-bulk'),
      ],
      remarks: [],
    }
  },
}
