import { join } from 'node:path'
import { benchKind } from '../workspaces/bench-queue.ts'
import type { Figure } from '../report/figure.ts'
import { makeLog } from '../workspaces/log-maker.ts'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import { withProcesses } from '../processes/processes.ts'
import type { ReplayQuestion } from '../processes/replay-process.ts'
import type { Scenario } from './scenario.ts'
import { plain } from '../report/words.ts'

/** Events per second when the state is rebuilt from the log. */
export const replay: Scenario = {
  name: 'replay',
  title: 'Replay: read, check seq, chain and shape, and fold',
  run: async ({ dir, quick, tell }) => {
    const tasks = quick ? 20_000 : 100_000
    tell('replay')
    const logDir = join(dir, 'log')
    const events = makeLog(logDir, [{ kind: benchKind, tasks, done: tasks }])
    const forMs = quick ? 100 : 500
    const measured = await withProcesses('replay-process', [[logDir, String(events)]], async ([process]) => {
      const ask = (measure: ReplayQuestion['measure']) => async () =>
        (await process?.ask({ measure, forMs } satisfies ReplayQuestion)) as number
      const all = { replay: ask('replay'), parse: ask('parse'), both: ask('parse and hash') }
      await inTurn(1, all)
      return inTurn(quick ? 3 : 9, all)
    })
    const figure = (what: string, against: 'parse' | 'both', targets: Figure['targets']): Figure => ({
      what: `${plain(events)} events, a third each added, claimed, completed`,
      amount: { value: median(measured.replay), unit: '/s' },
      beside: { what, amount: { value: median(measured[against]), unit: '/s' } },
      ratio: medianRatio(measured.replay, measured[against]),
      targets,
      data: measured,
    })
    return {
      figures: [
        figure('JSON.parse of its lines', 'parse', ['replay-rate', 'replay-share']),
        figure('JSON.parse + SHA-256 of its lines', 'both', []),
      ],
      remarks: [],
    }
  },
}
