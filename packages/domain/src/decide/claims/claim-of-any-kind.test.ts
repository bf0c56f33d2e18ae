import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  commandAt,
  completed,
  limited,
  opened,
  paused,
  refusalOf,
  stateOf,
} from '../../../testing/decider-specification.ts'
import { fold } from '../../evolve/evolve.ts'
import { layeredTable } from '../../state/overlay/stored.ts'
import type { State } from '../../state/state.ts'
import { countedTable } from '../../../testing/counted-table.ts'
import { kindIndices } from '../../state/table.ts'
import { snapshotOf } from '../../../testing/snapshot.ts'
import { decide } from '../index.ts'

const numbersTo = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/** A queue with many items that a claim must not iterate over, and a few claimable tasks. */
type Crowd = (n: number) => State

const few = numbersTo(20).map(i => added(`free-${i}`, 'free'))

const manyKinds: Crowd = n => stateOf(at(0, opened(), ...few, ...numbersTo(n).map(i => added(`t${i}`, `kind-${i}`))))

const manyPaused: Crowd = n =>
  stateOf(
    at(0, opened(), ...few, ...numbersTo(n).map(i => added(`t${i}`, `kind-${i}`, { priority: 0 }))),
    at(1, ...numbersTo(n).map(i => paused(`kind-${i}`))),
  )

const onePaused: Crowd = n =>
  stateOf(
    at(0, opened(), ...few, ...numbersTo(n).map(i => added(`t${i}`, 'shut', { priority: 0 }))),
    at(1, paused('shut')),
  )

const manyFull: Crowd = n =>
  stateOf(
    at(0, opened(), ...few, ...numbersTo(2 * n).map(i => added(`t${i}`, `kind-${i % n}`, { priority: 0 }))),
    at(
      1,
      ...numbersTo(n).map(i => limited(`kind-${i}`, 1)),
      ...numbersTo(n).map(i => claimed('bob', `t${i}`, { until: 90 })),
    ),
  )

const manyClaimedOfOneKind: Crowd = n =>
  stateOf(
    at(0, opened(), ...few, limited('free', n + 10), ...numbersTo(n).map(i => added(`t${i}`, 'free', { priority: 0 }))),
    at(1, ...numbersTo(n).map(i => claimed('bob', `t${i}`, { until: 90 }))),
  )

const crowds: ReadonlyArray<readonly [string, Crowd]> = [
  ['kinds', manyKinds],
  ['paused kinds in front', manyPaused],
  ['tasks of a paused kind in front', onePaused],
  ['kinds at their limit in front', manyFull],
  ['claims of a kind with a limit', manyClaimedOfOneKind],
]

/** Claims tasks of any kind repeatedly, and returns the number of table reads of each claim. */
const looksPerClaim = (before: State, claims: number, minute: number): number => {
  const { table, looks } = countedTable(before.table)
  let state: State = { ...before, table }
  // Entries changed by the fold are moved to their partitions once, before the count.
  for (const index of kindIndices) table.kindsInOrder(index)[Symbol.iterator]().next()
  const earlier = looks()
  for (let i = 0; i < claims; i += 1) {
    const decided = decide(commandAt(minute, claim('ann')), state)
    if (E.isLeft(decided)) throw new Error(decided.left.error)
    state = fold(state, decided.right.events)
  }
  return (looks() - earlier) / claims
}

describe('the reads of a claim of any kind', () => {
  it.each(crowds)('are the same with ten times as many %s', (_, crowd) => {
    const [some, more] = [200, 2000].map(n => looksPerClaim(crowd(n), 10, 2))
    expect(more).toBe(some)
    expect(some).toBeLessThan(40)
  })

  it.each(crowds)('are the same over a stored state with ten times as many %s', (_, crowd) => {
    const [some, more] = [200, 2000].map(n => {
      const stored = crowd(n)
      const { base, asked, given } = snapshotOf(stored)
      looksPerClaim({ ...stored, table: layeredTable(base) }, 10, 2)
      return { asked: asked(), given: given() }
    })
    expect(more).toEqual(some)
    expect(some?.asked).toBeLessThan(60)
  })
})

describe('the reads of a claim of any kind that finds no task', () => {
  const allPaused: Crowd = n =>
    stateOf(
      at(0, opened(), ...numbersTo(n).map(i => added(`t${i}`, `kind-${i}`))),
      at(1, ...numbersTo(n).map(i => paused(`kind-${i}`))),
    )
  const allClaimed: Crowd = n =>
    stateOf(
      at(0, opened(), ...numbersTo(n).map(i => added(`t${i}`, `kind-${i}`))),
      at(1, ...numbersTo(n).map(i => claimed('bob', `t${i}`))),
    )

  it.each([
    ['paused kinds', allPaused],
    ['kinds whose tasks are claimed', allClaimed],
  ])('are the same with ten times as many %s, except for the names of kinds', (_, crowd) => {
    const [some, more] = [200, 2000].map(n => {
      const state = crowd(n)
      const { table, looks, names } = countedTable(state.table)
      expect(refusalOf(decide(commandAt(2, claim('ann')), { ...state, table }))).toMatchObject({
        error: 'no_ready_task',
      })
      return looks() - names()
    })
    expect(more).toBe(some)
  })
})

describe('tasks whose leases or delays have ended', () => {
  const many = 2000
  const tasks = numbersTo(many)

  const crowdsInTime: ReadonlyArray<readonly [string, State]> = [
    [
      'expired leases of another kind, with attempts left',
      stateOf(
        at(0, opened(), ...few, ...tasks.map(i => added(`t${i}`, 'other', { priority: 9 }))),
        at(1, ...tasks.map(i => claimed('bob', `t${i}`, { until: 5 }))),
      ),
    ],
    [
      'expired leases of a paused kind',
      stateOf(
        at(0, opened(), ...few, ...tasks.map(i => added(`t${i}`, 'other', { priority: 0, maxAttempts: 1 }))),
        at(1, ...tasks.map(i => claimed('bob', `t${i}`, { until: 5 })), paused('other')),
      ),
    ],
    [
      'tasks of another kind that have become due',
      stateOf(
        at(
          0,
          opened(),
          ...few,
          ...tasks.map(i => added(`t${i}`, 'other', { priority: 9, notBefore: at(5, opened())[0]?.time })),
        ),
      ),
    ],
    [
      'tasks of as many kinds that have become due',
      stateOf(
        at(
          0,
          opened(),
          ...few,
          ...tasks.map(i => added(`t${i}`, `kind-${i}`, { priority: 9, notBefore: at(5, opened())[0]?.time })),
        ),
      ),
    ],
  ]

  it.each(crowdsInTime)('are processed by the first claim of any kind, and by none that follows: %s', (_, state) => {
    const { table, looks } = countedTable(state.table)
    const first = decide(commandAt(6, claim('ann')), { ...state, table })
    if (E.isLeft(first)) throw new Error(first.left.error)
    const later = fold({ ...state, table }, first.right.events)
    expect(looks()).toBeGreaterThan(many)
    expect(looksPerClaim(later, 10, 7)).toBeLessThan(40)
  })

  it('are unblocked once by a completion that many tasks depend on', () => {
    const state = stateOf(
      at(
        0,
        opened(),
        added('need', 'docs'),
        ...few,
        ...tasks.map(i => added(`t${i}`, `kind-${i}`, { needs: ['need'] })),
      ),
      at(1, claimed('bob', 'need')),
      at(2, completed('bob', 'need', 23 + many)),
    )
    expect(looksPerClaim(state, 10, 3)).toBeLessThan(40)
  })
})
