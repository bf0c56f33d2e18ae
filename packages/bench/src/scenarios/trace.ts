import { benchKind } from '../workspaces/bench-queue.ts'
import { taskIdOf } from '../workspaces/log-maker.ts'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import type { Scenario } from './scenario.ts'
import { shapeWords } from '../report/shape-words.ts'
import { bareNode, commandLine, roundsIn, wholeProcess } from '../processes/whole-process.ts'

/** One task's history in a log of millions of events. */
export const trace: Scenario = {
  name: 'trace',
  title: 'Trace of one task on the command line, whole process',
  run: async ({ dir, quick, big, tell }) => {
    const shape = { of: 'events', events: quick ? 400_000 : 4_000_000 } as const
    tell(`trace in ${shapeWords(shape)}`)
    const where = await big.copyTo(dir, shape)
    const ours = commandLine(where, 'trace', taskIdOf(benchKind, shape.events / 8))
    // The first trace may write derived files that the next ones use.
    const firstMs = wholeProcess(ours)
    const rounds = roundsIn(quick ? 1500 : 15_000, wholeProcess(ours))
    const measured = await inTurn(rounds, { ours: () => wholeProcess(ours), bare: () => wholeProcess(bareNode) })
    return {
      figures: [
        {
          what: `${shapeWords(shape)}: trace`,
          amount: { value: median(measured.ours), unit: 'ms' },
          beside: { what: 'node -e 0', amount: { value: median(measured.bare), unit: 'ms' } },
          ratio: medianRatio(measured.ours, measured.bare),
          targets: quick ? [] : ['trace'],
          data: { ...measured, firstMs },
        },
        {
          what: `${shapeWords(shape)}: the first trace, without derived files`,
          amount: { value: firstMs, unit: 'ms' },
        },
      ],
      remarks: [],
    }
  },
}
