import { describe, expect, it } from 'vitest'
import { added, at, logOf, opened } from '../../../testing/decider-specification.ts'
import type { Event } from '../../events/index.ts'
import { fold } from '../../evolve/evolve.ts'
import { layeredTable } from './stored.ts'
import { emptyState, type State } from '../state.ts'
import { snapshotOf } from '../../../testing/snapshot.ts'

const taskCount = 1200
const ids = Array.from({ length: taskCount }, (_, i) => `t${i}`)
const stored = logOf(at(0, opened(), ...ids.map(id => added(id, 'docs'))))

/** The state after these tasks were cancelled. */
const without = (state: State, gone: ReadonlyArray<string>): State =>
  fold(
    state,
    gone.map((taskId, i): Event => ({ event: 'cancelled', taskId, seq: state.seq + 1 + i, time: state.time })),
  )

const firstOf = (tasks: Iterable<string>, count: number): ReadonlyArray<string> => {
  const seen: Array<string> = []
  for (const id of tasks) {
    seen.push(id)
    if (seen.length === count) break
  }
  return seen
}

describe('the tasks after a key in a stored index', () => {
  const table = layeredTable(undefined)
  const whole = fold(emptyState(table), stored)
  const snapshot = snapshotOf(whole)
  table.rebase(snapshot.base)
  // Both ends are read, the middle is not; some tasks are removed from each of the three.
  firstOf(table.range('open', ''), 20)
  firstOf(table.backwards('open', ''), 20)
  const gone = ['t3', 't4', 't600', 't601', 't857', 't1198']
  without(whole, gone)
  const left = ids.filter(id => !gone.includes(id))
  const seqOf = (id: string): number => ids.indexOf(id) + 2

  it.each([0, 1, 4, 5, 9, 40, 255, 300, 602, 603, 858, 1150, 1190, 1199, 1201, 5000])(
    'are those that were not removed, forward and backward, from seq %i',
    seq => {
      const position = { rank: seq, seq }
      expect([...table.beyond('open', '', position, 'forward')]).toEqual(left.filter(id => seqOf(id) > seq))
      expect([...table.beyond('open', '', position, 'backward')]).toEqual(left.filter(id => seqOf(id) < seq).reverse())
    },
  )

  it('are read from the key on, and nothing before it', () => {
    const [asked, given] = [snapshot.asked(), snapshot.given()]
    expect(firstOf(table.beyond('open', '', { rank: 700, seq: 700 }, 'forward'), 3)).toEqual(['t699', 't700', 't701'])
    expect(snapshot.asked() - asked).toBe(1)
    expect(snapshot.given() - given).toBe(256)
  })
})
