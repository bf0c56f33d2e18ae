import type { BenchServer } from '../../processes/bench-server.ts'
import { withWorkers } from '../../processes/bench-workers.ts'
import type { Figure } from '../../report/figure.ts'
import { alternate, median, medianRatio } from '../../measure/measurement.ts'
import { createServerPhaseRunner } from '../../measure/server-phases.ts'
import type { TargetName } from '../../report/targets.ts'
import type { ScenarioContext } from '../scenario.ts'
import { serverScenario } from './server-scenario.ts'

const lanes = 16

type LaneRounds = Readonly<Record<'one' | 'many' | 'oneSettle' | 'manySettle', ReadonlyArray<number>>>

const measure = ({ quick }: ScenarioContext, server: BenchServer): Promise<LaneRounds> =>
  withWorkers({ contender: 'claimlog', syncing: 'synced', processes: 1 }, async workers => {
    const runPhase = createServerPhaseRunner(server, workers, 'slow')
    const createMeasurements = (countMs: number) => {
      const measureRate = (workload: 'halves' | 'settle', concurrency: number) => async () =>
        (await runPhase({ workload, concurrency, warmUpMs: 200, countMs })).perSecond
      return {
        one: measureRate('halves', 1),
        many: measureRate('halves', lanes),
        oneSettle: measureRate('settle', 1),
        manySettle: measureRate('settle', lanes),
      }
    }
    if (!quick) await alternate(1, createMeasurements(500))
    return alternate(quick ? 1 : 3, createMeasurements(quick ? 200 : 1200))
  })

/** Group commit: the commands of one process that are in flight at the same time share an append and its flush. */
export const serverLanes = serverScenario({
  name: 'postgres-lanes',
  title: `PostgreSQL, 2 ms a flush: 1 process with ${lanes} commands in flight`,
  run: async (context, server) => {
    context.reportProgress(`PostgreSQL: ${lanes} commands in flight`)
    const rounds = await measure(context, server)
    const compare = (what: string, many: keyof LaneRounds, one: keyof LaneRounds, target?: TargetName): Figure => ({
      what: `cycles, ${what}`,
      amount: { value: median(rounds[many]), unit: '/s' },
      baseline: { what: 'one in flight', amount: { value: median(rounds[one]), unit: '/s' } },
      ratio: medianRatio(rounds[many], rounds[one]),
      targets: target === undefined ? [] : [target],
      data: { many: rounds[many], one: rounds[one] },
    })
    return {
      figures: [
        compare('claim and complete separately', 'many', 'one', 'pg-lanes'),
        compare('complete and claim next', 'manySettle', 'oneSettle'),
      ],
      remarks: [],
    }
  },
})
