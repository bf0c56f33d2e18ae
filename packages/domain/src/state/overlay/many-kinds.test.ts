import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../decide/index.ts'
import { claim, getRefusal } from '../../../testing/decider-specification.ts'
import { fold, previewFold } from '../../evolve/evolve.ts'
import { overlayTable } from './overlay-table.ts'
import { emptyState, type State } from '../state.ts'
import { kindIndices } from '../table.ts'
import { scanIndices, dumpIndices, scanKinds } from '../../../testing/table-scan.ts'
import {
  toCommand,
  decideEvents,
  kinds,
  type ManyKindsStep,
  manyKindsStep,
  firstByScan,
  commandTime,
  openedWorkspace,
} from '../../../testing/many-kinds.ts'
import { takeSnapshot } from '../../../testing/snapshot.ts'
import { workLeft } from '../../queries/work-left.ts'

const seed = 20_250_101

const steps = fc.array(manyKindsStep, { minLength: 20, maxLength: 120, size: 'max' })

/** Applies the steps to equal states, and calls `onStep` with the states before each step. */
const replaySteps = (
  stepList: ReadonlyArray<ManyKindsStep>,
  states: Array<State>,
  onStep: (step: number, command: ReturnType<typeof toCommand>, before: ReadonlyArray<State>) => void,
): void => {
  let minutes = 0
  for (const [i, step] of stepList.entries()) {
    minutes += step.minutes
    const [first] = states
    if (first === undefined) return
    const command = toCommand(first, step, minutes)
    onStep(i, command, states)
    if (command === undefined) continue
    const events = decideEvents(first, command)
    for (const [j, state] of states.entries()) states[j] = fold(state, events)
  }
}

const kindsInOrder = ({ table }: State): unknown => kindIndices.map(index => [...table.kindsInOrder(index)])

describe(`a queue of many kinds (seed ${seed})`, () => {
  it('hands out the first claimable tasks by priority and age, in memory and over a stored state', () => {
    let claims = 0
    const stored = fc.array(fc.nat({ max: 9 }), { minLength: 120, maxLength: 120 })
    const property = fc.property(steps, stored, (stepList, randomDigits) => {
      const table = overlayTable(undefined)
      const states = [fold(emptyState(), openedWorkspace), fold(emptyState(table), openedWorkspace)]
      replaySteps(stepList, states, (i, command) => {
        if (randomDigits[i] === 0) table.rebase(takeSnapshot(states[1] as State).base)
        if (command?.command !== 'claim') return
        for (const state of states) {
          const decided = decide(command, state)
          const taskIds = E.isLeft(decided) ? [] : decided.right.taskIds
          expect(taskIds).toEqual(firstByScan(state, command.kinds, command.count ?? 1, commandTime(command)))
          claims += taskIds.length
        }
      })
    })
    fc.assert(property, { seed, numRuns: 60 })
    expect(claims).toBeGreaterThan(3000)
  })

  it('orders its kinds by their first tasks, in memory, over a stored table and over a live one', () => {
    const property = fc.property(steps, stepList => {
      const table = overlayTable(undefined)
      const states = [fold(emptyState(), openedWorkspace), fold(emptyState(table), openedWorkspace)]
      replaySteps(stepList, states, (i, command) => {
        const [inMemory, overlaid] = states as [State, State]
        if (i % 11 === 0) table.rebase(takeSnapshot(overlaid).base)
        if (command !== undefined && i % 3 === 0) {
          const events = decideEvents(inMemory, command)
          const preview = previewFold(overlaid, events)
          expect(kindsInOrder(preview)).toEqual(scanKinds(preview))
        }
        if (i % 7 !== 0) return
        expect(kindsInOrder(inMemory)).toEqual(scanKinds(inMemory))
        expect(kindsInOrder(overlaid)).toEqual(scanKinds(inMemory))
        expect(dumpIndices(overlaid)).toEqual(scanIndices(inMemory))
      })
    })
    fc.assert(property, { seed, numRuns: 60 })
  })

  it('returns the same next time and work left for any kind as for all kinds by name', () => {
    let refused = 0
    const property = fc.property(steps, stepList => {
      replaySteps(stepList, [fold(emptyState(), openedWorkspace)], (i, command, [state]) => {
        if (command === undefined || state === undefined || i % 3 !== 0) return
        const now = commandTime(command)
        const named = workLeft(state, kinds, now)
        expect(workLeft(state, [], now)).toEqual(named)
        const [anyDecision, eachDecision] = [[], kinds].map(requested =>
          decide({ ...claim('ann', ...requested), nowMs: command.nowMs }, state),
        )
        const [anyRefusal, eachRefusal] = [anyDecision, eachDecision].map(decided => decided && getRefusal(decided))
        if (anyRefusal?.error !== 'no_ready_task' || eachRefusal?.error !== 'no_ready_task')
          return expect(anyRefusal).toEqual(eachRefusal)
        refused += 1
        expect(anyRefusal.waiting.nextAt).toEqual(eachRefusal.waiting.nextAt)
        expect(anyRefusal.waiting.tasks).toEqual(eachRefusal.waiting.tasks)
      })
    })
    fc.assert(property, { seed, numRuns: 60 })
    expect(refused).toBeGreaterThan(100)
  })
})
