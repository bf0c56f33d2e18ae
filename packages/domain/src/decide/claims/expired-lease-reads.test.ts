import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { decide } from '../index.ts'
import {
  added,
  at,
  claim,
  claimed,
  addCommandTime,
  opened,
  buildState,
} from '../../../testing/decider-specification.ts'
import { evolve } from '../../evolve/evolve.ts'
import { overlayTable } from '../../state/overlay/overlay-table.ts'
import type { State } from '../../state/state.ts'
import type { Index, IndexKey } from '../../state/table.ts'
import { takeSnapshot } from '../../../testing/snapshot.ts'

/** More than the cache held when it was limited by the number of entries. */
const many = 30_000

it('a claim reads each task with an expired lease once, and not again to move it to the ready index', () => {
  const ids = Array.from({ length: many }, (_, i) => `t${i}`)
  const stored = buildState(
    at(0, opened(), ...ids.map(id => added(id, 'docs'))),
    at(1, ...ids.map(id => claimed('w', id, { until: 2 }))),
  )
  let reads = 0
  const { base } = takeSnapshot(stored)
  const entries = [...stored.table.range('leased', 'docs')].map(id => {
    const task = stored.table.get(id)
    return { id, seq: task?.seq ?? 0, rank: task?.claim?.leaseUntil ?? '' }
  })
  const positions = new Map(entries.map(({ seq }, i) => [seq, i]))
  const countingBase = {
    ...base,
    get: (id: string) => {
      reads += 1
      return base.get(id)
    },
    // The table of the snapshot scans all entries for each page.
    readForward: (index: Index, partition: string, afterKey: IndexKey | undefined, countMax: number) => {
      if (partition === '') return base.readForward(index, partition, afterKey, countMax)
      if (index !== 'leased') return []
      const from = afterKey === undefined ? 0 : (positions.get(afterKey.seq) ?? 0) + 1
      return entries.slice(from, from + countMax)
    },
  }
  let state: State = { ...stored, table: overlayTable(countingBase) }
  const decided = decide(addCommandTime(10, claim('ann')), state)
  if (E.isLeft(decided)) throw new Error(decided.left.error)
  for (const event of decided.right.events) state = evolve(state, event)
  expect(state.table.count('ready', 'docs')).toBe(many - 1)
  expect(reads).toBe(many)
})
