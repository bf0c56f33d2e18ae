import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold } from '../../evolve/evolve.ts'
import { runSteps } from '../../../testing/model/model-run.ts'
import { allTasks } from '../../queries/tasks.ts'
import { emptyState, type State } from '../state.ts'
import { allIndices } from '../table.ts'
import { scratchTable } from './scratch-table.ts'
import { dumpIndices } from '../../../testing/table-scan.ts'
import { seekSamples } from '../../../testing/dump-state.ts'
import { anyStep } from '../../../testing/any-step.ts'

const seed = 20_250_101

/** The results of all reads of a state's table. */
const readState = (state: State): unknown => {
  const { table } = state
  const samples = seekSamples(state)
  const orders = allIndices.flatMap(index =>
    [...table.partitions(index)].sort().map(partition => {
      const first = table.firstRank(index, partition)
      return [
        index,
        partition,
        first,
        [...table.range(index, partition, first)],
        [...table.reverseRange(index, partition)],
      ]
    }),
  )
  const rules = [...table.ruledKinds()].sort().map(kind => [kind, table.rules(kind)])
  const requests = ['r0', 'r1', 'r2', 'r3', 'r4'].map(id => table.request(id))
  const [tasks, indices] = [JSON.stringify(allTasks(state)), dumpIndices(state)]
  return { ...state, table: { samples, tasks, indices, orders, rules, requests } }
}

describe(`a scratch table (seed ${seed})`, () => {
  it('contains the result of the events folded into it, and leaves its base unchanged', () => {
    const property = fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), steps => {
      const log = runSteps(steps)
      const whole = readState(fold(emptyState(), log))
      for (const cut of [1, Math.floor(log.length / 2), log.length - 1]) {
        const base = fold(emptyState(), log.slice(0, cut))
        const before = readState(base)
        expect(readState(fold({ ...base, table: scratchTable(base.table) }, log.slice(cut)))).toEqual(whole)
        expect(readState(base)).toEqual(before)
      }
    })
    fc.assert(property, { seed, numRuns: 200 })
  })
})
