import { describe, expect, it } from 'vitest'
import {
  added,
  amended,
  at,
  cancelled,
  claimed,
  completed,
  failed,
  held,
  limited,
  logOf,
  noted,
  opened,
  paused,
  released,
  renewed,
  retried,
  stateOf,
  time,
  unheld,
} from '../../testing/decider-specification.ts'
import type { Event } from '../events/index.ts'
import { fold } from './evolve.ts'
import { inconsistency } from './invariants.ts'
import { allTasks } from '../queries/tasks.ts'
import { emptyState } from '../state/state.ts'
import { indicesByScan, indicesOf } from '../../testing/table-scan.ts'

const moments = [
  at(0, opened(), added('t', 'docs'), added('u', 'docs', { needs: ['t'] }), added('done', 'docs'), added('x', 'docs')),
  at(0, claimed('ann', 'done'), completed('ann', 'done', 6, 'first'), cancelled('x'), claimed('ann', 't')),
]
const next = 10

/** What one more event, well formed but out of place, would be. */
const outOfPlace: ReadonlyArray<readonly [string, ReturnType<typeof claimed>, string]> = [
  ['a task that is there is added', added('t', 'ci'), 'the task t exists already'],
  ['a task that is not there is claimed', claimed('ann', 'y'), 'there is no task y'],
  ['a claimed task is claimed', claimed('bob', 't', { attempt: 2 }), 'the task t is held by ann under token 9'],
  ['a blocked task is claimed', claimed('bob', 'u'), 'the task u is blocked'],
  ['a done task is claimed', claimed('bob', 'done', { attempt: 2 }), 'the task done is done'],
  ['a claim is renewed by another', renewed('bob', 't', 9, 30), 'the task t is held by ann under token 9'],
  ['a claim is renewed under a stale token', renewed('ann', 't', 6, 30), 'the task t is held by ann under token 9'],
  ['a task nobody holds is completed', completed('ann', 'u', 9), 'nobody holds the task u'],
  ['a claim is completed by another', completed('bob', 't', 9), 'the task t is held by ann under token 9'],
  ['a claim is failed under a stale token', failed('ann', 't', 6, 'no'), 'the task t is held by ann under token 9'],
  ['a claim is released by another', released('bob', 't', 9), 'the task t is held by ann under token 9'],
  ['a task nobody holds is released', released('ann', 'u', 9), 'nobody holds the task u'],
  ['a done task is completed again', completed('ann', 'done', 6, 'second'), 'nobody holds the task done'],
  ['a done task is held', held('done'), 'the task done cannot be held'],
  ['a task that is not held is put back', unheld('t'), 'the task t is not held'],
  ['a done task is cancelled', cancelled('done'), 'the task done is done'],
  ['an open task is retried', { event: 'retried', taskId: 't' }, 'the task t is ready'],
]

describe('an event out of place', () => {
  it.each(outOfPlace)('is told apart: %s', (_, saying, problem) => {
    expect(inconsistency(stateOf(...moments), logOf(...moments, at(0, saying)).at(-1) as Event)).toBe(problem)
  })

  it.each(outOfPlace)('is folded all the same, and leaves every task in its one place: %s', (_, saying) => {
    const state = fold(stateOf(...moments), logOf(...moments, at(5, saying)).slice(-1))
    expect([state.seq, state.time]).toEqual([next, time(5)])
    expect(indicesOf(state)).toEqual(indicesByScan(state))
  })

  it('changes no task where it is about one that is not there, one that is finished, or a claim there is not', () => {
    const onTask = (id: string) => [
      claimed('bob', id),
      renewed('ann', id, 6, 30),
      completed('ann', id, 6, 'second'),
      failed('ann', id, 6, 'no'),
      released('ann', id, 6),
    ]
    const onUnknown = [
      held('y'),
      unheld('y'),
      cancelled('y'),
      retried('y'),
      amended('y', { title: 'Y' }),
      noted('y', 'y'),
    ]
    const sayings = [...onTask('y'), ...onUnknown, ...onTask('done'), renewed('ann', 'u', 9, 30), retried('t')]
    const before = allTasks(stateOf(...moments))
    for (const saying of sayings) {
      const state = fold(stateOf(...moments), logOf(...moments, at(5, saying)).slice(-1))
      expect([saying, allTasks(state)]).toEqual([saying, before])
    }
  })

  it('is part of no request that came before it and ended there', () => {
    const state = stateOf(
      at(0, opened(), { ...added('a', 'docs'), requestId: 'r' }, { ...added('b', 'docs'), requestId: 'r' }),
      at(0, added('c', 'docs'), { ...added('d', 'docs'), requestId: 'r' }),
    )
    expect(state.table.request('r')).toEqual({ firstSeq: 2, lastSeq: 3 })
  })

  it('is one that leaves a gap, repeats a number or goes back in time', () => {
    const state = stateOf(at(5, opened()))
    const [, event] = logOf(at(5, opened()), at(5, added('t', 'docs'))) as [Event, Event]
    expect(inconsistency(state, event)).toBe(undefined)
    expect(inconsistency(state, { ...event, seq: 3 })).toBe('seq 3 does not follow 1')
    expect(inconsistency(state, { ...event, seq: 1 })).toBe('seq 1 does not follow 1')
    expect(inconsistency(state, { ...event, time: '2025-01-01T12:04:59.999Z' })).toBe(
      'its time is before that of an earlier line, 2025-01-01T12:05:00.000Z',
    )
  })

  it('is one that does not open the log as its first line, or opens it again', () => {
    const first = 'the first line must be "opened"'
    const firstOf = (saying: ReturnType<typeof opened>) => logOf(at(0, saying))[0] as Event
    expect(inconsistency(emptyState(), firstOf(added('t', 'docs')))).toBe(first)
    expect(inconsistency(emptyState(), firstOf(paused('docs')))).toBe(first)
    expect(inconsistency(emptyState(), firstOf(limited('docs', 1)))).toBe(first)
    expect(inconsistency(stateOf(at(0, opened())), { ...firstOf(opened()), seq: 2 })).toBe(
      'a log is opened once, by its first line',
    )
  })
})
