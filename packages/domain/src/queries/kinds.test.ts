import { describe, expect, it } from 'vitest'
import { isKnownKind, findSimilarName, unknownKinds } from './kinds.ts'
import { emptyState, type State } from '../state/state.ts'
import { evolve } from '../evolve/evolve.ts'
import type { Event } from '../events/index.ts'

const time = '2025-01-01T12:00:00.000Z'
type EventFields = Event extends infer E ? (E extends Event ? Omit<E, 'seq' | 'time'> : never) : never

const foldEvents = (...lines: ReadonlyArray<EventFields>): State => {
  const opened: EventFields = {
    ...{ event: 'opened', format: 1, workspace: 'w', leaseMs: 1000, maxAttempts: 3 },
    backoff: { firstMs: 1, maxMs: 1 },
  }
  return [opened, ...lines].reduce<State>(
    (state, line, i) => evolve(state, { ...line, seq: i + 1, time }),
    emptyState(),
  )
}

const added = (taskId: string, kind: string): EventFields => ({ event: 'added', taskId, kind })

describe('a kind is known', () => {
  it('if there is a task of it, finished or not, or a rule for it', () => {
    const state = foldEvents(
      added('a', 'docs'),
      added('b', 'ci'),
      { event: 'cancelled', taskId: 'b' },
      { event: 'paused', kind: 'art' },
    )
    expect(['docs', 'ci', 'art', 'doc'].map(kind => isKnownKind(state, kind))).toEqual([true, true, true, false])
  })

  it('no longer if its only rule was removed', () => {
    const state = foldEvents(added('a', 'docs'), { event: 'paused', kind: 'art' }, { event: 'resumed', kind: 'art' })
    expect(isKnownKind(state, 'art')).toBe(false)
  })
})

describe('a kind that is not known', () => {
  it('is returned with the known kind of the most similar spelling', () => {
    const state = foldEvents(added('a', 'docs'), added('b', 'validation'))
    expect(unknownKinds(state, ['docs', 'dosc', 'validaton', 'release', 'dosc'])).toEqual([
      { kind: 'dosc', nearest: 'docs' },
      { kind: 'validaton', nearest: 'validation' },
      { kind: 'release', nearest: undefined },
    ])
  })

  it('is not returned while no kind is known', () => {
    expect(unknownKinds(foldEvents(), ['docs'])).toEqual([])
  })

  it('is returned only with a similar known kind if there are more finished tasks than are searched', () => {
    const finished = Array.from({ length: 300 }, (_, i) => [
      added(`t${i}`, i === 0 ? 'old' : 'docs'),
      { event: 'cancelled', taskId: `t${i}` } as const,
    ]).flat()
    const state = foldEvents(...finished)
    expect(unknownKinds(state, ['old', 'dosc'])).toEqual([{ kind: 'dosc', nearest: 'docs' }])
  })
})

it('a name is similar to another if at most a third of it is inserted, deleted, replaced or swapped', () => {
  const names = ['docs', 'validation', 'ci', 'Release']
  const near = ['doc', 'dcos', 'Docs', 'dogs', 'dxyz', 'validate', 'release', 'c', 'xy', ''].map(name =>
    findSimilarName(name, names),
  )
  expect(near).toEqual(['docs', 'docs', 'docs', 'docs', undefined, 'validation', 'Release', 'ci', undefined, undefined])
})
