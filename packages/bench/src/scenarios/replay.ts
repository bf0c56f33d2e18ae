import { join } from 'node:path'
import { benchKind } from '../workspaces/bench-queue.ts'
import type { Figure } from '../report/figure.ts'
import { makeLog } from '../workspaces/log-maker.ts'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import { withProcesses } from '../processes/measured-process.ts'
import type { ReplayRequest } from '../processes/replay-process.ts'
import type { BenchScenario } from './scenario.ts'
import { formatNumber } from '../report/format-values.ts'

/** Events per second when the state is rebuilt from the log. */
export const replay: BenchScenario = {
  name: 'replay',
  title: 'Replay: read, check seq, chain and shape, and fold',
  run: async ({ dir, quick, reportProgress }) => {
    const tasks = quick ? 20_000 : 100_000
    reportProgress('replay')
    const logDir = join(dir, 'log')
    const events = makeLog(logDir, [{ kind: benchKind, tasks, done: tasks }])
    const durationMs = quick ? 100 : 500
    const measured = await withProcesses('replay-process', [[logDir, String(events)]], async ([process]) => {
      const request = (measure: ReplayRequest['measure']) => async () =>
        (await process?.request({ measure, durationMs } satisfies ReplayRequest)) as number
      const measurements = { replay: request('replay'), parse: request('parse'), both: request('parse and hash') }
      await alternate(1, measurements)
      return alternate(quick ? 3 : 9, measurements)
    })
    const createFigure = (what: string, baseline: 'parse' | 'both', targets: Figure['targets']): Figure => ({
      what: `${formatNumber(events)} events, a third each added, claimed, completed`,
      amount: { value: median(measured.replay), unit: '/s' },
      baseline: { what, amount: { value: median(measured[baseline]), unit: '/s' } },
      ratio: medianRatio(measured.replay, measured[baseline]),
      targets,
      data: measured,
    })
    return {
      figures: [
        createFigure('JSON.parse of its lines', 'parse', ['replay-rate', 'replay-share']),
        createFigure('JSON.parse + SHA-256 of its lines', 'both', []),
      ],
      remarks: [],
    }
  },
}
