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
  buildLog,
  noted,
  opened,
  paused,
  released,
  renewed,
  retried,
  buildState,
  time,
  unheld,
} from '../../testing/decider-specification.ts'
import type { Event } from '../events/index.ts'
import { fold } from './evolve.ts'
import { invariantViolation } from './invariants.ts'
import { allTasks } from '../queries/tasks.ts'
import { emptyState } from '../state/state.ts'
import { scanIndices, dumpIndices } from '../../testing/table-scan.ts'

const history = [
  at(0, opened(), added('t', 'docs'), added('u', 'docs', { needs: ['t'] }), added('done', 'docs'), added('x', 'docs')),
  at(0, claimed('ann', 'done'), completed('ann', 'done', 6, 'first'), cancelled('x'), claimed('ann', 't')),
]
const nextSeq = 10

/** Well-formed events that are invalid after `history`, each with its title and the violation. */
const invalidEvents: ReadonlyArray<readonly [string, ReturnType<typeof claimed>, string]> = [
  ['an existing task is added', added('t', 'ci'), 'the task t already exists'],
  ['an unknown task is claimed', claimed('ann', 'y'), 'there is no task y'],
  ['a claimed task is claimed', claimed('bob', 't', { attempt: 2 }), 'the task t is claimed by ann with token 9'],
  ['a blocked task is claimed', claimed('bob', 'u'), 'the task u is blocked'],
  ['a done task is claimed', claimed('bob', 'done', { attempt: 2 }), 'the task done is done'],
  ['a claim is renewed by another worker', renewed('bob', 't', 9, 30), 'the task t is claimed by ann with token 9'],
  ['a claim is renewed with a stale token', renewed('ann', 't', 6, 30), 'the task t is claimed by ann with token 9'],
  ['an unclaimed task is completed', completed('ann', 'u', 9), 'the task u is not claimed'],
  ['a claim is completed by another worker', completed('bob', 't', 9), 'the task t is claimed by ann with token 9'],
  ['a claim is failed with a stale token', failed('ann', 't', 6, 'no'), 'the task t is claimed by ann with token 9'],
  ['a claim is released by another worker', released('bob', 't', 9), 'the task t is claimed by ann with token 9'],
  ['an unclaimed task is released', released('ann', 'u', 9), 'the task u is not claimed'],
  ['a done task is completed again', completed('ann', 'done', 6, 'second'), 'the task done is not claimed'],
  ['a done task is put on hold', held('done'), 'the task done cannot be put on hold'],
  ['the hold of a task without one is removed', unheld('t'), 'the task t is not on hold'],
  ['a done task is cancelled', cancelled('done'), 'the task done is done'],
  ['an open task is retried', { event: 'retried', taskId: 't' }, 'the task t is ready'],
]

describe('an invalid event', () => {
  it.each(invalidEvents)('is recognised: %s', (_, input, violation) => {
    expect(invariantViolation(buildState(...history), buildLog(...history, at(0, input)).at(-1) as Event)).toBe(
      violation,
    )
  })

  it.each(invalidEvents)('is folded nevertheless, and every task keeps exactly one status entry: %s', (_, input) => {
    const state = fold(buildState(...history), buildLog(...history, at(5, input)).slice(-1))
    expect([state.seq, state.time]).toEqual([nextSeq, time(5)])
    expect(dumpIndices(state)).toEqual(scanIndices(state))
  })

  it('changes no task if it concerns an unknown task, a finished task or a claim that does not exist', () => {
    const workerEvents = (id: string) => [
      claimed('bob', id),
      renewed('ann', id, 6, 30),
      completed('ann', id, 6, 'second'),
      failed('ann', id, 6, 'no'),
      released('ann', id, 6),
    ]
    const operatorEvents = [
      held('y'),
      unheld('y'),
      cancelled('y'),
      retried('y'),
      amended('y', { title: 'Y' }),
      noted('y', 'y'),
    ]
    const inputs = [
      ...workerEvents('y'),
      ...operatorEvents,
      ...workerEvents('done'),
      renewed('ann', 'u', 9, 30),
      retried('t'),
    ]
    const before = allTasks(buildState(...history))
    for (const input of inputs) {
      const state = fold(buildState(...history), buildLog(...history, at(5, input)).slice(-1))
      expect([input, allTasks(state)]).toEqual([input, before])
    }
  })

  it('does not extend a request that ended before it', () => {
    const state = buildState(
      at(0, opened(), { ...added('a', 'docs'), requestId: 'r' }, { ...added('b', 'docs'), requestId: 'r' }),
      at(0, added('c', 'docs'), { ...added('d', 'docs'), requestId: 'r' }),
    )
    expect(state.table.request('r')).toEqual({ firstSeq: 2, lastSeq: 3 })
  })

  it('leaves a gap, repeats a number or goes back in time', () => {
    const state = buildState(at(5, opened()))
    const [, event] = buildLog(at(5, opened()), at(5, added('t', 'docs'))) as [Event, Event]
    expect(invariantViolation(state, event)).toBe(undefined)
    expect(invariantViolation(state, { ...event, seq: 3 })).toBe('seq 3 does not follow 1')
    expect(invariantViolation(state, { ...event, seq: 1 })).toBe('seq 1 does not follow 1')
    expect(invariantViolation(state, { ...event, time: '2025-01-01T12:04:59.999Z' })).toBe(
      'its time is before that of an earlier line, 2025-01-01T12:05:00.000Z',
    )
  })

  it('is a first line that does not open the log, or a later line that does', () => {
    const first = 'the first line must be "opened"'
    const toFirstLine = (input: ReturnType<typeof opened>) => buildLog(at(0, input))[0] as Event
    expect(invariantViolation(emptyState(), toFirstLine(added('t', 'docs')))).toBe(first)
    expect(invariantViolation(emptyState(), toFirstLine(paused('docs')))).toBe(first)
    expect(invariantViolation(emptyState(), toFirstLine(limited('docs', 1)))).toBe(first)
    expect(invariantViolation(buildState(at(0, opened())), { ...toFirstLine(opened()), seq: 2 })).toBe(
      'only the first line may be "opened"',
    )
  })
})
