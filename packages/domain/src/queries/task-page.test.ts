import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  cancelled,
  claimed,
  completed,
  held,
  opened,
  stateOf,
  time,
} from '../../testing/decider-specification.ts'
import type { State } from '../state/state.ts'
import { openCounts, type PageQuery, taskPage } from './task-page.ts'

const busy = stateOf(
  at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'ci', { needs: ['a'] }), added('d', 'docs')),
  at(0, added('e', 'ci', { notBefore: time(30) }), added('f', 'docs'), added('g', 'ci')),
  at(1, claimed('ann', 'a', { until: 16 }), claimed('bob', 'b', { until: 61 }), held('f')),
  at(2, claimed('ann', 'g', { until: 17 }), completed('ann', 'g', 12)),
  at(3, cancelled('d')),
)

const pageAt = (state: State, minutes: number, query: Omit<PageQuery, 'most'> & { readonly most?: number }) => {
  const { tasks, more, end } = taskPage(state, { most: 100, ...query }, time(minutes))
  return { ids: tasks.map(({ task }) => task.id).join(' '), more, end }
}

describe('the counts of open tasks', () => {
  it('are by kind, and match what a claim would find at that time, even if none was made since', () => {
    expect(openCounts(busy, time(4))).toEqual([
      { kind: 'ci', ready: 0, claimed: 0, waiting: 1, blocked: 1 },
      { kind: 'docs', ready: 0, claimed: 2, waiting: 0, blocked: 1 },
    ])
    expect(openCounts(busy, time(16))[1]).toEqual({ kind: 'docs', ready: 1, claimed: 1, waiting: 0, blocked: 1 })
    expect(openCounts(busy, time(30))[0]).toEqual({ kind: 'ci', ready: 1, claimed: 0, waiting: 0, blocked: 1 })
  })

  it('leave out a task whose last lease has expired, which counts as failed', () => {
    const last = stateOf(
      at(0, opened(), added('t', 'docs', { maxAttempts: 1 })),
      at(1, claimed('ann', 't', { until: 16 })),
    )
    expect(openCounts(last, time(15))).toEqual([{ kind: 'docs', ready: 0, claimed: 1, waiting: 0, blocked: 0 }])
    expect(openCounts(last, time(16))).toEqual([{ kind: 'docs', ready: 0, claimed: 0, waiting: 0, blocked: 0 }])
  })
})

describe('a page of tasks', () => {
  it('contains the open tasks, oldest first, and the cursor of the next page', () => {
    expect(pageAt(busy, 4, {})).toEqual({ ids: 'a b c e f', more: false, end: 7 })
    expect(pageAt(busy, 4, { most: 2 })).toEqual({ ids: 'a b', more: true, end: 3 })
    expect(pageAt(busy, 4, { most: 2, after: 3 })).toEqual({ ids: 'c e', more: true, end: 6 })
    expect(pageAt(busy, 4, { most: 2, after: 6 })).toEqual({ ids: 'f', more: false, end: 7 })
    expect(pageAt(busy, 4, { most: 2, after: 7 })).toEqual({ ids: '', more: false, end: 7 })
  })

  it('can be filtered by kind and by the status at that time', () => {
    expect(pageAt(busy, 4, { kinds: ['ci'] }).ids).toBe('c e')
    expect(pageAt(busy, 4, { standing: 'claimed' }).ids).toBe('a b')
    expect(pageAt(busy, 16, { standing: 'claimed' }).ids).toBe('b')
    expect(pageAt(busy, 16, { standing: 'ready' }).ids).toBe('a')
    expect(pageAt(busy, 29, { standing: 'waiting' }).ids).toBe('e')
    expect(pageAt(busy, 30, { standing: 'ready' }).ids).toBe('a e')
    expect(pageAt(busy, 4, { standing: 'blocked', kinds: ['docs'] }).ids).toBe('f')
  })

  it('contains the finished tasks, newest first, and continues before the cursor', () => {
    expect(pageAt(busy, 4, { standing: 'done' })).toEqual({ ids: 'g', more: false, end: 13 })
    expect(pageAt(busy, 4, { standing: 'cancelled', most: 1 })).toEqual({ ids: 'd', more: true, end: 14 })
    expect(pageAt(busy, 4, { standing: 'cancelled', after: 14 })).toEqual({ ids: '', more: false, end: 13 })
  })

  it('misses no task that stays while others are added and finished', () => {
    const first = pageAt(busy, 4, { most: 2 })
    const later = stateOf(
      at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'ci'), added('d', 'docs')),
      at(5, cancelled('a'), cancelled('b'), added('h', 'docs')),
    )
    expect(pageAt(later, 6, { after: first.end }).ids).toBe('c d h')
  })
})
