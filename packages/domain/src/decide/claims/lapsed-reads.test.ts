import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { decide } from '../index.ts'
import { added, at, claim, claimed, commandAt, opened, stateOf } from '../../../testing/decider-specification.ts'
import { evolve } from '../../evolve/evolve.ts'
import { layeredTable } from '../../state/overlay/stored.ts'
import type { State } from '../../state/state.ts'
import type { Index, Position } from '../../state/table.ts'
import { snapshotOf } from '../../../testing/snapshot.ts'

/** More than the cache held when it was limited by the number of entries. */
const many = 30_000

it('a claim reads each task with an expired lease once, and not again to move it to the ready index', () => {
  const ids = Array.from({ length: many }, (_, i) => `t${i}`)
  const stored = stateOf(
    at(0, opened(), ...ids.map(id => added(id, 'docs'))),
    at(1, ...ids.map(id => claimed('w', id, { until: 2 }))),
  )
  let reads = 0
  const { base } = snapshotOf(stored)
  const places = [...stored.table.range('leased', 'docs')].map(id => {
    const task = stored.table.get(id)
    return { id, seq: task?.seq ?? 0, rank: task?.claim?.leaseUntil ?? '' }
  })
  const at0 = new Map(places.map(({ seq }, i) => [seq, i]))
  const counting = {
    ...base,
    get: (id: string) => {
      reads += 1
      return base.get(id)
    },
    // The table of the snapshot scans all entries for each page.
    placesAfter: (index: Index, partition: string, after: Position | undefined, most: number) => {
      if (partition === '') return base.placesAfter(index, partition, after, most)
      if (index !== 'leased') return []
      const from = after === undefined ? 0 : (at0.get(after.seq) ?? 0) + 1
      return places.slice(from, from + most)
    },
  }
  let state: State = { ...stored, table: layeredTable(counting) }
  const decided = decide(commandAt(10, claim('ann')), state)
  if (E.isLeft(decided)) throw new Error(decided.left.error)
  for (const event of decided.right.events) state = evolve(state, event)
  expect(state.table.count('ready', 'docs')).toBe(many - 1)
  expect(reads).toBe(many)
})
