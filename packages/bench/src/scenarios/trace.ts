import { benchKind } from '../workspaces/bench-queue.ts'
import { formatTaskId } from '../workspaces/log-maker.ts'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import type { BenchScenario } from './scenario.ts'
import { describeShape } from '../report/shape-text.ts'
import { bareNode, claimlogProgram, countRounds, timeProcess } from '../processes/timed-process.ts'

/** One task's history in a log of millions of events. */
export const trace: BenchScenario = {
  name: 'trace',
  title: 'Trace of one task on the command line, whole process',
  run: async ({ dir, quick, largeWorkspaces, reportProgress }) => {
    const shape = { type: 'events', events: quick ? 400_000 : 4_000_000 } as const
    reportProgress(`trace in ${describeShape(shape)}`)
    const workspaceDir = await largeWorkspaces.createCopy(dir, shape)
    const traceProgram = claimlogProgram(workspaceDir, 'trace', formatTaskId(benchKind, shape.events / 8))
    // The first trace may write derived files that the next ones use.
    const firstMs = timeProcess(traceProgram)
    const rounds = countRounds(quick ? 1500 : 15_000, timeProcess(traceProgram))
    const measured = await alternate(rounds, {
      ours: () => timeProcess(traceProgram),
      bare: () => timeProcess(bareNode),
    })
    return {
      figures: [
        {
          what: `${describeShape(shape)}: trace`,
          amount: { value: median(measured.ours), unit: 'ms' },
          baseline: { what: 'node -e 0', amount: { value: median(measured.bare), unit: 'ms' } },
          ratio: medianRatio(measured.ours, measured.bare),
          targets: quick ? [] : ['trace'],
          data: { ...measured, firstMs },
        },
        {
          what: `${describeShape(shape)}: the first trace, without derived files`,
          amount: { value: firstMs, unit: 'ms' },
        },
      ],
      remarks: [],
    }
  },
}
