import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../decide/index.ts'
import { claim, refusalOf } from '../../../testing/decider-specification.ts'
import { fold, foldOver } from '../../evolve/evolve.ts'
import { layeredTable } from './stored.ts'
import { emptyState, type State } from '../state.ts'
import { kindIndices } from '../table.ts'
import { indicesByScan, indicesOf, kindsByScan } from '../../../testing/table-scan.ts'
import {
  commandIn,
  eventsOf,
  kinds,
  type ManyKindsStep,
  manyKindsStep,
  naivelyFirst,
  nowOf,
  openedWorkspace,
} from '../../../testing/many-kinds.ts'
import { snapshotOf } from '../../../testing/snapshot.ts'
import { workLeft } from '../../queries/work-left.ts'

const seed = 20_250_101

const steps = fc.array(manyKindsStep, { minLength: 20, maxLength: 120, size: 'max' })

/** Applies the steps to equal states, and calls `look` with the states before each step. */
const walkOn = (
  taken: ReadonlyArray<ManyKindsStep>,
  states: Array<State>,
  look: (step: number, command: ReturnType<typeof commandIn>, before: ReadonlyArray<State>) => void,
): void => {
  let minutes = 0
  for (const [i, step] of taken.entries()) {
    minutes += step.minutes
    const [first] = states
    if (first === undefined) return
    const command = commandIn(first, step, minutes)
    look(i, command, states)
    if (command === undefined) continue
    const events = eventsOf(first, command)
    for (const [j, state] of states.entries()) states[j] = fold(state, events)
  }
}

const kindsInOrder = ({ table }: State): unknown => kindIndices.map(index => [...table.kindsInOrder(index)])

describe(`a queue of many kinds (seed ${seed})`, () => {
  it('hands out the first claimable tasks by priority and age, in memory and over a stored state', () => {
    let claims = 0
    const stored = fc.array(fc.nat({ max: 9 }), { minLength: 120, maxLength: 120 })
    const property = fc.property(steps, stored, (taken, storedAt) => {
      const table = layeredTable(undefined)
      const states = [fold(emptyState(), openedWorkspace), fold(emptyState(table), openedWorkspace)]
      walkOn(taken, states, (i, command) => {
        if (storedAt[i] === 0) table.rebase(snapshotOf(states[1] as State).base)
        if (command?.command !== 'claim') return
        for (const state of states) {
          const decided = decide(command, state)
          const taskIds = E.isLeft(decided) ? [] : decided.right.taskIds
          expect(taskIds).toEqual(naivelyFirst(state, command.kinds, command.count ?? 1, nowOf(command)))
          claims += taskIds.length
        }
      })
    })
    fc.assert(property, { seed, numRuns: 60 })
    expect(claims).toBeGreaterThan(3000)
  })

  it('orders its kinds by their first tasks, in memory, over a stored table and over a live one', () => {
    const property = fc.property(steps, taken => {
      const table = layeredTable(undefined)
      const states = [fold(emptyState(), openedWorkspace), fold(emptyState(table), openedWorkspace)]
      walkOn(taken, states, (i, command) => {
        const [inMemory, layered] = states as [State, State]
        if (i % 11 === 0) table.rebase(snapshotOf(layered).base)
        if (command !== undefined && i % 3 === 0) {
          const events = eventsOf(inMemory, command)
          const over = foldOver(layered, events)
          expect(kindsInOrder(over)).toEqual(kindsByScan(over))
        }
        if (i % 7 !== 0) return
        expect(kindsInOrder(inMemory)).toEqual(kindsByScan(inMemory))
        expect(kindsInOrder(layered)).toEqual(kindsByScan(inMemory))
        expect(indicesOf(layered)).toEqual(indicesByScan(inMemory))
      })
    })
    fc.assert(property, { seed, numRuns: 60 })
  })

  it('returns the same next time and work left for any kind as for all kinds by name', () => {
    let refused = 0
    const property = fc.property(steps, taken => {
      walkOn(taken, [fold(emptyState(), openedWorkspace)], (i, command, [state]) => {
        if (command === undefined || state === undefined || i % 3 !== 0) return
        const now = nowOf(command)
        const named = workLeft(state, kinds, now)
        expect(workLeft(state, [], now)).toEqual(named)
        const [any, each] = [[], kinds].map(asked => decide({ ...claim('ann', ...asked), nowMs: command.nowMs }, state))
        const [ofAny, ofEach] = [any, each].map(decided => decided && refusalOf(decided))
        if (ofAny?.error !== 'no_ready_task' || ofEach?.error !== 'no_ready_task') return expect(ofAny).toEqual(ofEach)
        refused += 1
        expect(ofAny.waiting.nextAt).toEqual(ofEach.waiting.nextAt)
        expect(ofAny.waiting.tasks).toEqual(ofEach.waiting.tasks)
      })
    })
    fc.assert(property, { seed, numRuns: 60 })
    expect(refused).toBeGreaterThan(100)
  })
})
