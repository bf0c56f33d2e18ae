import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Command, decide } from '../../decide/index.ts'
import { claim, opened } from '../../../testing/decider-specification.ts'
import type { Event } from '../../events/index.ts'
import { fold } from '../../evolve/evolve.ts'
import { overlayTable } from './overlay-table.ts'
import { initialEvents, runSteps } from '../../../testing/model/model-run.ts'
import { allTasks, tasksByAge } from '../../queries/tasks.ts'
import { emptyState, type State } from '../state.ts'
import { scanIndices, dumpIndices } from '../../../testing/table-scan.ts'
import { dumpState, runRequestIds } from '../../../testing/dump-state.ts'
import { anyStep } from '../../../testing/any-step.ts'
import { type Snapshot, takeSnapshot } from '../../../testing/snapshot.ts'

const seed = 20_250_101
describe(`a table over a stored one (seed ${seed})`, () => {
  it('gives the same decisions and the same content as one in memory, whenever it was stored and rebased', () => {
    const rebasePoints = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), rebasePoints, (steps, isStored) => {
        const table = overlayTable(undefined)
        let overlaid = fold(emptyState(table), initialEvents)
        let step = 0
        let decision: unknown
        runSteps(
          steps,
          ({ decided, state }) => {
            expect(decision).toEqual(decided)
            overlaid = fold(overlaid, E.isLeft(decided) ? [] : decided.right.events)
            if (isStored[step] === true) table.rebase(takeSnapshot(overlaid, runRequestIds).base)
            step += 1
            if (step === steps.length || step % 16 === 0) expect(dumpState(overlaid)).toEqual(dumpState(state))
          },
          (_state, command) => {
            decision = decide(command, overlaid)
          },
        )
        expect(dumpIndices(overlaid)).toEqual(scanIndices(overlaid))
        expect([...tasksByAge(overlaid)]).toEqual(allTasks(overlaid))
      }),
      { seed, numRuns: 400 },
    )
  })

  it('returns its differences from the stored table as changes', () => {
    const table = overlayTable(undefined)
    const state = fold(emptyState(table), initialEvents)
    table.rebase(takeSnapshot(state).base)
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

/** A stored workspace with some ready tasks of a kind, and `otherTasks` tasks of another kind before them. */
const storeQueue = (tasks: number, otherTasks: number): { readonly state: State; readonly snapshot: Snapshot } => {
  const ids = [
    ...Array.from({ length: otherTasks }, (_, i) => ({ taskId: `other-${i}`, kind: 'other' })),
    ...Array.from({ length: tasks }, (_, i) => ({ taskId: `task-${i}`, kind: 'docs' })),
  ]
  const added = ids.map(({ taskId, kind }, i): Event => ({ seq: i + 2, event: 'added', taskId, kind, time }))
  const table = overlayTable(undefined)
  const state = fold(emptyState(table), [{ ...opened(), seq: 1, time }, ...added])
  const snapshot = takeSnapshot(state)
  table.rebase(snapshot.base)
  return { state, snapshot }
}

/** The state after `cycles` claims, each completed. */
const runCycles = (before: State, cycles: number): State => {
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
    ].map(([tasks = 0, otherTasks = 0]) => {
      const { state, snapshot } = storeQueue(tasks, otherTasks)
      runCycles(state, 1)
      return [snapshot.reads(), snapshot.entriesRead()]
    })
    expect(counts).toEqual([counts[0], counts[0], counts[0]])
    expect(counts[0]?.[0]).toBeLessThanOrEqual(4)
    expect(counts[0]?.[1]).toBeLessThanOrEqual(16)
  })

  it('do not grow after thousands of claims: a record, and a part of a page', () => {
    const { state, snapshot } = storeQueue(10_000, 0)
    const later = runCycles(state, 5000)
    const [reads, entriesRead] = [snapshot.reads(), snapshot.entriesRead()]
    runCycles(later, 1000)
    expect(snapshot.reads() - reads).toBeLessThanOrEqual(1000 + 5)
    expect(snapshot.entriesRead() - entriesRead).toBeLessThanOrEqual(1000 + 256)
  })
})
