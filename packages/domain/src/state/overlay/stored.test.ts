import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Command, decide } from '../../decide/index.ts'
import { claim, opened } from '../../../testing/decider-specification.ts'
import type { Event } from '../../events/index.ts'
import { fold } from '../../evolve/evolve.ts'
import { layeredTable } from './stored.ts'
import { beginning, walk } from '../../../testing/model/queue-model-walk.ts'
import { allTasks, tasksByAge } from '../../queries/tasks.ts'
import { emptyState, type State } from '../state.ts'
import { indicesByScan, indicesOf } from '../../../testing/table-scan.ts'
import { allOf, walkRequests } from '../../../testing/all-of-a-state.ts'
import { anyStep } from '../../../testing/any-step.ts'
import { type Snapshot, snapshotOf } from '../../../testing/snapshot.ts'

const seed = 20_250_101
describe(`a table over a stored one (seed ${seed})`, () => {
  it('gives the same decisions and the same content as one in memory, whenever it was stored and rebased', () => {
    const storing = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), storing, (steps, isStored) => {
        const table = layeredTable(undefined)
        let layered = fold(emptyState(table), beginning)
        let step = 0
        let decision: unknown
        walk(
          steps,
          ({ decided, state }) => {
            expect(decision).toEqual(decided)
            layered = fold(layered, E.isLeft(decided) ? [] : decided.right.events)
            if (isStored[step] === true) table.rebase(snapshotOf(layered, walkRequests).base)
            step += 1
            if (step === steps.length || step % 16 === 0) expect(allOf(layered)).toEqual(allOf(state))
          },
          (_state, command) => {
            decision = decide(command, layered)
          },
        )
        expect(indicesOf(layered)).toEqual(indicesByScan(layered))
        expect([...tasksByAge(layered)]).toEqual(allTasks(layered))
      }),
      { seed, numRuns: 400 },
    )
  })

  it('returns its differences from the stored table as changes', () => {
    const table = layeredTable(undefined)
    const state = fold(emptyState(table), beginning)
    table.rebase(snapshotOf(state).base)
    expect([...table.changes().tasks]).toEqual([])
    const decided = decide({ ...claim('ann', 'ci'), nowMs: 0, requestId: 'r0' }, state)
    if (E.isLeft(decided)) throw new Error(decided.left.error)
    fold(state, decided.right.events)
    const { tasks, rules, requests } = table.changes()
    expect([...tasks].map(({ id }) => id)).toEqual(['t1'])
    expect([...rules]).toEqual([])
    expect([...requests]).toEqual([['r0', { firstSeq: 7, lastSeq: 7 }]])
  })
})

const time = '2025-01-01T12:00:00.000Z'

/** A stored workspace with some ready tasks of a kind, and `inFront` tasks of another kind before them. */
const storedQueue = (tasks: number, inFront: number): { readonly state: State; readonly snapshot: Snapshot } => {
  const ids = [
    ...Array.from({ length: inFront }, (_, i) => ({ taskId: `other-${i}`, kind: 'other' })),
    ...Array.from({ length: tasks }, (_, i) => ({ taskId: `task-${i}`, kind: 'docs' })),
  ]
  const added = ids.map(({ taskId, kind }, i): Event => ({ seq: i + 2, event: 'added', taskId, kind, time }))
  const table = layeredTable(undefined)
  const state = fold(emptyState(table), [{ ...opened(), seq: 1, time }, ...added])
  const snapshot = snapshotOf(state)
  table.rebase(snapshot.base)
  return { state, snapshot }
}

/** The state after `cycles` claims, each completed. */
const afterCycles = (before: State, cycles: number): State => {
  let state = before
  const run = (command: Command): string => {
    const decided = decide(command, state)
    if (E.isLeft(decided)) throw new Error(decided.left.error)
    state = fold(state, decided.right.events)
    return decided.right.taskIds[0] ?? ''
  }
  for (let i = 0; i < cycles; i += 1) {
    const taskId = run({ ...claim('ann', 'docs'), nowMs: 0 })
    run({ command: 'complete', worker: 'ann', taskId, nowMs: 0 })
  }
  return state
}

describe('the reads of a claim from the stored table', () => {
  it('are the same for 1,000 ready tasks, for 100,000, and with 100,000 of another kind before them', () => {
    const counts = [
      [1000, 0],
      [100_000, 0],
      [1000, 100_000],
    ].map(([tasks = 0, inFront = 0]) => {
      const { state, snapshot } = storedQueue(tasks, inFront)
      afterCycles(state, 1)
      return [snapshot.asked(), snapshot.given()]
    })
    expect(counts).toEqual([counts[0], counts[0], counts[0]])
    expect(counts[0]?.[0]).toBeLessThanOrEqual(4)
    expect(counts[0]?.[1]).toBeLessThanOrEqual(16)
  })

  it('do not grow after thousands of claims: a record, and a part of a page', () => {
    const { state, snapshot } = storedQueue(10_000, 0)
    const later = afterCycles(state, 5000)
    const [asked, given] = [snapshot.asked(), snapshot.given()]
    afterCycles(later, 1000)
    expect(snapshot.asked() - asked).toBeLessThanOrEqual(1000 + 5)
    expect(snapshot.given() - given).toBeLessThanOrEqual(1000 + 256)
  })
})
