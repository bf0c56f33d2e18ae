import { withCrew } from '../processes/crew.ts'
import type { Figure } from '../report/figure.ts'
import { inTurn, median } from '../measure/measuring.ts'
import type { Scenario } from './scenario.ts'
import { learningMs, trialsOf } from '../measure/trial.ts'

const lanes = 100

/** Throughput of a program with many commands in flight. */
export const inFlight: Scenario = {
  name: 'in-flight',
  title: `${lanes} commands in flight in one process, synced`,
  run: async ({ dir, quick, tell }) => {
    tell(`${lanes} commands in flight`)
    const rounds = await withCrew({ contender: 'claimlog', syncing: 'synced', processes: 1 }, async crew => {
      const trials = trialsOf(dir, crew)
      const all = (countMs: number) => {
        const trial = (way: 'halves' | 'settle') => async () =>
          (await trials({ way, lanes, warmUpMs: 200, countMs })).perSecond
        return { settle: trial('settle'), halves: trial('halves') }
      }
      await inTurn(1, all(learningMs(1, quick)))
      return inTurn(quick ? 1 : 5, all(quick ? 500 : 2000))
    })
    const figure = (what: string, way: keyof typeof rounds): Figure => ({
      what,
      amount: { value: median(rounds[way]), unit: '/s' },
      targets: way === 'settle' ? ['in-flight'] : [],
      data: { rounds: rounds[way] },
    })
    return {
      figures: [
        figure('cycles, complete and claim next', 'settle'),
        figure('cycles, claim and complete separately', 'halves'),
      ],
      remarks: ['They share lock and sync (group commit), and each returns its own result.'],
    }
  },
}
