import type { Crew } from '../crew.ts'
import type { Figure } from '../figure.ts'
import { median, medianRatio, warmedUp } from '../measuring.ts'
import type { Scenario } from '../scenario.ts'
import { bulkTasks } from '../shift.ts'
import type { TargetName } from '../targets.ts'
import { peerName, runTrial, withBothCrews } from '../trial.ts'
import { plain } from '../words.ts'

/** How fast tasks get into the queue. */
export const adding: Scenario = {
  name: 'adding',
  title: 'Adding tasks, synced, one process',
  run: async ({ dir, quick, peer, tell }) => {
    tell('adding tasks')
    const span = quick ? { warmUpMs: 200, countMs: 500 } : { warmUpMs: 500, countMs: 1500 }
    const rounds = await withBothCrews('synced', 1, peer, (ours, theirs) => {
      const trial = (crew: Crew | undefined, way: 'add' | 'bulk') => async () =>
        crew === undefined ? Number.NaN : (await runTrial(dir, crew, { way, ...span })).perSecond
      return warmedUp(quick ? 1 : 5, {
        add: trial(ours, 'add'),
        peerAdd: trial(theirs, 'add'),
        bulk: trial(ours, 'bulk'),
        peerBulk: trial(theirs, 'bulk'),
      })
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
