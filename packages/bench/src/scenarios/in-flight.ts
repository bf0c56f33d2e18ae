import { withCrew } from '../crew.ts'
import type { Figure } from '../figure.ts'
import { median, warmedUp } from '../measuring.ts'
import type { Scenario } from '../scenario.ts'
import { runTrial } from '../trial.ts'

const lanes = 100

/** A program that has many commands under way at once. */
export const inFlight: Scenario = {
  name: 'in-flight',
  title: `${lanes} commands in flight in one process, synced`,
  run: async ({ dir, quick, tell }) => {
    tell(`${lanes} commands in flight`)
    const span = quick ? { warmUpMs: 300, countMs: 700 } : { warmUpMs: 1000, countMs: 2000 }
    const rounds = await withCrew({ contender: 'claimlog', syncing: 'synced', processes: 1 }, crew => {
      const trial = (way: 'halves' | 'settle') => async () =>
        (await runTrial(dir, crew, { way, lanes, ...span })).perSecond
      return warmedUp(quick ? 1 : 5, { settle: trial('settle'), halves: trial('halves') })
    })
    const figure = (what: string, way: keyof typeof rounds): Figure => ({
      what,
      amount: { value: median(rounds[way]), unit: '/s' },
      targets: way === 'settle' ? ['in-flight'] : [],
      data: { rounds: rounds[way] },
    })
    return {
      figures: [figure('cycles, settle-and-claim', 'settle'), figure('cycles, an answer after each half', 'halves')],
      remarks: ['They share lock, write and sync, and each has its own answer.'],
    }
  },
}
