import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claimed,
  msAfterNoon,
  opened,
  buildState,
  time,
  workspaceId,
} from '../../testing/decider-specification.ts'
import type { Event } from '../events/index.ts'
import { evolve, fold } from '../evolve/evolve.ts'
import { invariantViolation } from '../evolve/invariants.ts'
import { emptyState } from '../state/state.ts'
import { type RepairDetails, recordRepair } from './record-repair.ts'

const quarantine = { name: 'events.quarantine.1', offset: 700, bytes: 300, sha256: 'f0' }
const details = { keptSeq: 3, keptTime: time(5), spentSeq: 5, reason: 'it is not JSON', quarantine }
const reasonFields = { reason: 'it is not JSON', offset: 700, bytes: 300, sha256: 'f0' }
const command = { command: 'repair', workspace: workspaceId, nowMs: msAfterNoon(9), by: 'ann' } as const

const recordEvents = (more: Partial<RepairDetails>, nowMs = msAfterNoon(9)): ReadonlyArray<Event> => {
  const record = recordRepair({ ...command, nowMs })
  if (E.isLeft(record)) throw new Error(JSON.stringify(record.left))
  return [...record.right({ ...details, ...more })]
}

const repaired = { event: 'repaired', quarantine: quarantine.name, by: 'ann', requestId: undefined, time: time(9) }

describe('a repair', () => {
  it('is one event for each seq that may have been given out, the first with the reason', () => {
    expect(recordEvents({})).toEqual([
      { ...repaired, seq: 4, ...reasonFields },
      { ...repaired, seq: 5 },
    ])
  })

  it('is at least one event, and never earlier than the kept events', () => {
    expect(recordEvents({ spentSeq: 0 }, msAfterNoon(1))).toEqual([
      { ...repaired, seq: 4, ...reasonFields, clock: time(1), time: time(5) },
    ])
  })

  it('of line 1 opens a new workspace first', () => {
    expect(recordEvents({ keptSeq: 0, keptTime: undefined, spentSeq: 3 })).toEqual([
      { ...opened(), seq: 1, by: 'ann', requestId: undefined, time: time(9) },
      { ...repaired, seq: 2, ...reasonFields },
      { ...repaired, seq: 3 },
    ])
    expect(recordEvents({ keptSeq: 0, keptTime: undefined, spentSeq: 1 }).map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('fits in a line even if the reason quotes a long one', () => {
    const [first] = recordEvents({ reason: 'x'.repeat(1_000_000) })
    expect(first).toEqual({ ...repaired, seq: 4, ...reasonFields, reason: 'x'.repeat(500) })
  })

  it('is refused if the name of its author is invalid', () => {
    expect(recordRepair({ ...command, by: 'a b' })).toMatchObject(E.left({ error: 'bad_input' }))
  })

  it('changes no task, and is valid anywhere after line 1', () => {
    const lines = recordEvents({})
    const before = () => buildState(at(0, opened(), added('t', 'docs'), claimed('ann', 't')))
    expect(fold(before(), lines).table.get('t')).toEqual(before().table.get('t'))
    let state = before()
    for (const event of lines) {
      expect(invariantViolation(state, event)).toBe(undefined)
      state = evolve(state, event)
    }
    expect(invariantViolation(emptyState(), { ...lines[0], seq: 1 } as Event)).toBe('the first line must be "opened"')
  })
})
