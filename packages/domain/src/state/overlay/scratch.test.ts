import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold } from '../../evolve/evolve.ts'
import { walk } from '../../../testing/model/queue-model-walk.ts'
import { allTasks } from '../../queries/tasks.ts'
import { emptyState, type State } from '../state.ts'
import { allIndices } from '../table.ts'
import { tableOver } from './scratch.ts'
import { indicesOf } from '../../../testing/table-scan.ts'
import { beyondSome } from '../../../testing/all-of-a-state.ts'
import { anyStep } from '../../../testing/any-step.ts'

const seed = 20_250_101

/** The results of all reads of a state's table. */
const seen = (state: State): unknown => {
  const { table } = state
  const samples = beyondSome(state)
  const orders = allIndices.flatMap(index =>
    [...table.partitions(index)].sort().map(partition => {
      const first = table.firstRank(index, partition)
      return [
        index,
        partition,
        first,
        [...table.range(index, partition, first)],
        [...table.backwards(index, partition)],
      ]
    }),
  )
  const rules = [...table.ruledKinds()].sort().map(kind => [kind, table.rules(kind)])
  const requests = ['r0', 'r1', 'r2', 'r3', 'r4'].map(id => table.request(id))
  const [tasks, indices] = [JSON.stringify(allTasks(state)), indicesOf(state)]
  return { ...state, table: { samples, tasks, indices, orders, rules, requests } }
}

describe(`a scratch table (seed ${seed})`, () => {
  it('contains the result of the events folded into it, and leaves its base unchanged', () => {
    const property = fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), steps => {
      const log = walk(steps)
      const whole = seen(fold(emptyState(), log))
      for (const cut of [1, Math.floor(log.length / 2), log.length - 1]) {
        const base = fold(emptyState(), log.slice(0, cut))
        const before = seen(base)
        expect(seen(fold({ ...base, table: tableOver(base.table) }, log.slice(cut)))).toEqual(whole)
        expect(seen(base)).toEqual(before)
      }
    })
    fc.assert(property, { seed, numRuns: 200 })
  })
})
