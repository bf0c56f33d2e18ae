import { describe, expect, it } from 'vitest'
import { added, at, buildLog, opened } from '../../../testing/decider-specification.ts'
import type { Event } from '../../events/index.ts'
import { fold } from '../../evolve/evolve.ts'
import { overlayTable } from './overlay-table.ts'
import { emptyState, type State } from '../state.ts'
import { takeSnapshot } from '../../../testing/snapshot.ts'

const taskCount = 1200
const ids = Array.from({ length: taskCount }, (_, i) => `t${i}`)
const stored = buildLog(at(0, opened(), ...ids.map(id => added(id, 'docs'))))

/** The state after these tasks were cancelled. */
const cancelTasks = (state: State, cancelledIds: ReadonlyArray<string>): State =>
  fold(
    state,
    cancelledIds.map((taskId, i): Event => ({ event: 'cancelled', taskId, seq: state.seq + 1 + i, time: state.time })),
  )

const takeFirst = (tasks: Iterable<string>, count: number): ReadonlyArray<string> => {
  const firstIds: Array<string> = []
  for (const id of tasks) {
    firstIds.push(id)
    if (firstIds.length === count) break
  }
  return firstIds
}

describe('the tasks after a key in a stored index', () => {
  const table = overlayTable(undefined)
  const whole = fold(emptyState(table), stored)
  const snapshot = takeSnapshot(whole)
  table.rebase(snapshot.base)
  // Both ends are read, the middle is not; some tasks are removed from each of the three.
  takeFirst(table.range('open', ''), 20)
  takeFirst(table.reverseRange('open', ''), 20)
  const cancelledIds = ['t3', 't4', 't600', 't601', 't857', 't1198']
  cancelTasks(whole, cancelledIds)
  const remaining = ids.filter(id => !cancelledIds.includes(id))
  const taskSeq = (id: string): number => ids.indexOf(id) + 2

  it.each([0, 1, 4, 5, 9, 40, 255, 300, 602, 603, 858, 1150, 1190, 1199, 1201, 5000])(
    'are those that were not removed, forward and backward, from seq %i',
    seq => {
      const key = { rank: seq, seq }
      expect([...table.seek('open', '', key, 'forward')]).toEqual(remaining.filter(id => taskSeq(id) > seq))
      expect([...table.seek('open', '', key, 'backward')]).toEqual(remaining.filter(id => taskSeq(id) < seq).reverse())
    },
  )

  it('are read from the key on, and nothing before it', () => {
    const [reads, entriesRead] = [snapshot.reads(), snapshot.entriesRead()]
    expect(takeFirst(table.seek('open', '', { rank: 700, seq: 700 }, 'forward'), 3)).toEqual(['t699', 't700', 't701'])
    expect(snapshot.reads() - reads).toBe(1)
    expect(snapshot.entriesRead() - entriesRead).toBe(256)
  })
})
