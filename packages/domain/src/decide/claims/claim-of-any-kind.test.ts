import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  addCommandTime,
  completed,
  limited,
  opened,
  paused,
  getRefusal,
  buildState,
} from '../../../testing/decider-specification.ts'
import { fold } from '../../evolve/evolve.ts'
import { overlayTable } from '../../state/overlay/overlay-table.ts'
import type { State } from '../../state/state.ts'
import { countReads } from '../../../testing/read-counter.ts'
import { kindIndices } from '../../state/table.ts'
import { takeSnapshot } from '../../../testing/snapshot.ts'
import { decide } from '../index.ts'

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/** A queue with many items that a claim must not iterate over, and a few claimable tasks. */
type QueueBuilder = (n: number) => State

const freeTasks = range(20).map(i => added(`free-${i}`, 'free'))

const manyKinds: QueueBuilder = n =>
  buildState(at(0, opened(), ...freeTasks, ...range(n).map(i => added(`t${i}`, `kind-${i}`))))

const manyPaused: QueueBuilder = n =>
  buildState(
    at(0, opened(), ...freeTasks, ...range(n).map(i => added(`t${i}`, `kind-${i}`, { priority: 0 }))),
    at(1, ...range(n).map(i => paused(`kind-${i}`))),
  )

const onePaused: QueueBuilder = n =>
  buildState(
    at(0, opened(), ...freeTasks, ...range(n).map(i => added(`t${i}`, 'shut', { priority: 0 }))),
    at(1, paused('shut')),
  )

const manyFull: QueueBuilder = n =>
  buildState(
    at(0, opened(), ...freeTasks, ...range(2 * n).map(i => added(`t${i}`, `kind-${i % n}`, { priority: 0 }))),
    at(1, ...range(n).map(i => limited(`kind-${i}`, 1)), ...range(n).map(i => claimed('bob', `t${i}`, { until: 90 }))),
  )

const manyClaimedOfOneKind: QueueBuilder = n =>
  buildState(
    at(
      0,
      opened(),
      ...freeTasks,
      limited('free', n + 10),
      ...range(n).map(i => added(`t${i}`, 'free', { priority: 0 })),
    ),
    at(1, ...range(n).map(i => claimed('bob', `t${i}`, { until: 90 }))),
  )

const queueBuilders: ReadonlyArray<readonly [string, QueueBuilder]> = [
  ['kinds', manyKinds],
  ['paused kinds in front', manyPaused],
  ['tasks of a paused kind in front', onePaused],
  ['kinds at their limit in front', manyFull],
  ['claims of a kind with a limit', manyClaimedOfOneKind],
]

/** Claims tasks of any kind repeatedly, and returns the number of table reads of each claim. */
const readsPerClaim = (before: State, claims: number, minute: number): number => {
  const { table, reads } = countReads(before.table)
  let state: State = { ...before, table }
  // Entries changed by the fold are moved to their partitions once, before the count.
  for (const index of kindIndices) table.kindsInOrder(index)[Symbol.iterator]().next()
  const earlier = reads()
  for (let i = 0; i < claims; i += 1) {
    const decided = decide(addCommandTime(minute, claim('ann')), state)
    if (E.isLeft(decided)) throw new Error(decided.left.error)
    state = fold(state, decided.right.events)
  }
  return (reads() - earlier) / claims
}

describe('the reads of a claim of any kind', () => {
  it.each(queueBuilders)('are the same with ten times as many %s', (_, buildQueue) => {
    const [small, large] = [200, 2000].map(n => readsPerClaim(buildQueue(n), 10, 2))
    expect(large).toBe(small)
    expect(small).toBeLessThan(40)
  })

  it.each(queueBuilders)('are the same over a stored state with ten times as many %s', (_, buildQueue) => {
    const [small, large] = [200, 2000].map(n => {
      const stored = buildQueue(n)
      const { base, reads, entriesRead } = takeSnapshot(stored)
      readsPerClaim({ ...stored, table: overlayTable(base) }, 10, 2)
      return { reads: reads(), entriesRead: entriesRead() }
    })
    expect(large).toEqual(small)
    expect(small?.reads).toBeLessThan(60)
  })
})

describe('the reads of a claim of any kind that finds no task', () => {
  const allPaused: QueueBuilder = n =>
    buildState(
      at(0, opened(), ...range(n).map(i => added(`t${i}`, `kind-${i}`))),
      at(1, ...range(n).map(i => paused(`kind-${i}`))),
    )
  const allClaimed: QueueBuilder = n =>
    buildState(
      at(0, opened(), ...range(n).map(i => added(`t${i}`, `kind-${i}`))),
      at(1, ...range(n).map(i => claimed('bob', `t${i}`))),
    )

  it.each([
    ['paused kinds', allPaused],
    ['kinds whose tasks are claimed', allClaimed],
  ])('are the same with ten times as many %s, except for the names of kinds', (_, buildQueue) => {
    const [small, large] = [200, 2000].map(n => {
      const state = buildQueue(n)
      const { table, reads, partitionNames } = countReads(state.table)
      expect(getRefusal(decide(addCommandTime(2, claim('ann')), { ...state, table }))).toMatchObject({
        error: 'no_ready_task',
      })
      return reads() - partitionNames()
    })
    expect(large).toBe(small)
  })
})

describe('tasks whose leases or delays have ended', () => {
  const taskCount = 2000
  const tasks = range(taskCount)

  const expiredQueues: ReadonlyArray<readonly [string, State]> = [
    [
      'expired leases of another kind, with attempts left',
      buildState(
        at(0, opened(), ...freeTasks, ...tasks.map(i => added(`t${i}`, 'other', { priority: 9 }))),
        at(1, ...tasks.map(i => claimed('bob', `t${i}`, { until: 5 }))),
      ),
    ],
    [
      'expired leases of a paused kind',
      buildState(
        at(0, opened(), ...freeTasks, ...tasks.map(i => added(`t${i}`, 'other', { priority: 0, maxAttempts: 1 }))),
        at(1, ...tasks.map(i => claimed('bob', `t${i}`, { until: 5 })), paused('other')),
      ),
    ],
    [
      'tasks of another kind that have become due',
      buildState(
        at(
          0,
          opened(),
          ...freeTasks,
          ...tasks.map(i => added(`t${i}`, 'other', { priority: 9, notBefore: at(5, opened())[0]?.time })),
        ),
      ),
    ],
    [
      'tasks of as many kinds that have become due',
      buildState(
        at(
          0,
          opened(),
          ...freeTasks,
          ...tasks.map(i => added(`t${i}`, `kind-${i}`, { priority: 9, notBefore: at(5, opened())[0]?.time })),
        ),
      ),
    ],
  ]

  it.each(expiredQueues)('are processed by the first claim of any kind, and by none that follows: %s', (_, state) => {
    const { table, reads } = countReads(state.table)
    const first = decide(addCommandTime(6, claim('ann')), { ...state, table })
    if (E.isLeft(first)) throw new Error(first.left.error)
    const later = fold({ ...state, table }, first.right.events)
    expect(reads()).toBeGreaterThan(taskCount)
    expect(readsPerClaim(later, 10, 7)).toBeLessThan(40)
  })

  it('are unblocked once by a completion that many tasks depend on', () => {
    const state = buildState(
      at(
        0,
        opened(),
        added('need', 'docs'),
        ...freeTasks,
        ...tasks.map(i => added(`t${i}`, `kind-${i}`, { needs: ['need'] })),
      ),
      at(1, claimed('bob', 'need')),
      at(2, completed('bob', 'need', 23 + taskCount)),
    )
    expect(readsPerClaim(state, 10, 3)).toBeLessThan(40)
  })
})
