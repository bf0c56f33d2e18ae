import type { Figure } from '../report/figure.ts'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import type { Scenario } from './scenario.ts'
import { bulkTasks } from '../measure/shift.ts'
import type { TargetName } from '../report/targets.ts'
import { learningMs, peerName, type Trials, withBothCrews } from '../measure/trial.ts'
import { plain } from '../report/words.ts'

/** Tasks added per second. */
export const adding: Scenario = {
  name: 'adding',
  title: 'Adding tasks, synced, one process',
  run: async ({ dir, quick, peer, tell }) => {
    tell('adding tasks')
    const rounds = await withBothCrews({ dir, peer }, 'synced', 1, async (ours, theirs) => {
      const all = (countMs: number) => {
        const trial = (trials: Trials | undefined, way: 'add' | 'bulk') => async () =>
          trials === undefined ? Number.NaN : (await trials({ way, warmUpMs: 200, countMs })).perSecond
        return {
          add: trial(ours, 'add'),
          peerAdd: trial(theirs, 'add'),
          bulk: trial(ours, 'bulk'),
          peerBulk: trial(theirs, 'bulk'),
        }
      }
      await inTurn(1, all(learningMs(1, quick)))
      return inTurn(quick ? 1 : 5, all(quick ? 300 : 1000))
    })
    const figure = (
      what: string,
      ours: keyof typeof rounds,
      theirs: keyof typeof rounds,
      target: TargetName,
    ): Figure => ({
      what,
      amount: { value: median(rounds[ours]), unit: '/s' },
      beside: { what: peerName.synced, amount: { value: median(rounds[theirs]), unit: '/s' } },
      ratio: medianRatio(rounds[ours], rounds[theirs]),
      targets: [target],
      data: { ours: rounds[ours], theirs: rounds[theirs] },
    })
    return {
      figures: [
        figure('one by one, tasks', 'add', 'peerAdd', 'add-one'),
        figure(`${plain(bulkTasks)} in one command, tasks`, 'bulk', 'peerBulk', 'add-bulk'),
      ],
      remarks: [],
    }
  },
}
