import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  cancelled,
  claimed,
  completed,
  held,
  opened,
  buildState,
  time,
} from '../../testing/decider-specification.ts'
import type { State } from '../state/state.ts'
import { countOpenByKind, type PageQuery, taskPage } from './task-page.ts'

const busy = buildState(
  at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'ci', { needs: ['a'] }), added('d', 'docs')),
  at(0, added('e', 'ci', { notBefore: time(30) }), added('f', 'docs'), added('g', 'ci')),
  at(1, claimed('ann', 'a', { until: 16 }), claimed('bob', 'b', { until: 61 }), held('f')),
  at(2, claimed('ann', 'g', { until: 17 }), completed('ann', 'g', 12)),
  at(3, cancelled('d')),
)

const getPage = (
  state: State,
  minutes: number,
  query: Omit<PageQuery, 'pageSize'> & { readonly pageSize?: number },
) => {
  const { tasks, more, end } = taskPage(state, { pageSize: 100, ...query }, time(minutes))
  return { ids: tasks.map(({ task }) => task.id).join(' '), more, end }
}

describe('the counts of open tasks', () => {
  it('are by kind, and match what a claim would find at that time, even if none was made since', () => {
    expect(countOpenByKind(busy, time(4))).toEqual([
      { kind: 'ci', ready: 0, claimed: 0, waiting: 1, blocked: 1 },
      { kind: 'docs', ready: 0, claimed: 2, waiting: 0, blocked: 1 },
    ])
    expect(countOpenByKind(busy, time(16))[1]).toEqual({ kind: 'docs', ready: 1, claimed: 1, waiting: 0, blocked: 1 })
    expect(countOpenByKind(busy, time(30))[0]).toEqual({ kind: 'ci', ready: 1, claimed: 0, waiting: 0, blocked: 1 })
  })

  it('leave out a task whose last lease has expired, which counts as failed', () => {
    const last = buildState(
      at(0, opened(), added('t', 'docs', { maxAttempts: 1 })),
      at(1, claimed('ann', 't', { until: 16 })),
    )
    expect(countOpenByKind(last, time(15))).toEqual([{ kind: 'docs', ready: 0, claimed: 1, waiting: 0, blocked: 0 }])
    expect(countOpenByKind(last, time(16))).toEqual([{ kind: 'docs', ready: 0, claimed: 0, waiting: 0, blocked: 0 }])
  })
})

describe('a page of tasks', () => {
  it('contains the open tasks, oldest first, and the cursor of the next page', () => {
    expect(getPage(busy, 4, {})).toEqual({ ids: 'a b c e f', more: false, end: 7 })
    expect(getPage(busy, 4, { pageSize: 2 })).toEqual({ ids: 'a b', more: true, end: 3 })
    expect(getPage(busy, 4, { pageSize: 2, after: 3 })).toEqual({ ids: 'c e', more: true, end: 6 })
    expect(getPage(busy, 4, { pageSize: 2, after: 6 })).toEqual({ ids: 'f', more: false, end: 7 })
    expect(getPage(busy, 4, { pageSize: 2, after: 7 })).toEqual({ ids: '', more: false, end: 7 })
  })

  it('can be filtered by kind and by the status at that time', () => {
    expect(getPage(busy, 4, { kinds: ['ci'] }).ids).toBe('c e')
    expect(getPage(busy, 4, { status: 'claimed' }).ids).toBe('a b')
    expect(getPage(busy, 16, { status: 'claimed' }).ids).toBe('b')
    expect(getPage(busy, 16, { status: 'ready' }).ids).toBe('a')
    expect(getPage(busy, 29, { status: 'waiting' }).ids).toBe('e')
    expect(getPage(busy, 30, { status: 'ready' }).ids).toBe('a e')
    expect(getPage(busy, 4, { status: 'blocked', kinds: ['docs'] }).ids).toBe('f')
  })

  it('contains the finished tasks, newest first, and continues before the cursor', () => {
    expect(getPage(busy, 4, { status: 'done' })).toEqual({ ids: 'g', more: false, end: 13 })
    expect(getPage(busy, 4, { status: 'cancelled', pageSize: 1 })).toEqual({ ids: 'd', more: true, end: 14 })
    expect(getPage(busy, 4, { status: 'cancelled', after: 14 })).toEqual({ ids: '', more: false, end: 13 })
  })

  it('misses no task that stays while others are added and finished', () => {
    const first = getPage(busy, 4, { pageSize: 2 })
    const later = buildState(
      at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'ci'), added('d', 'docs')),
      at(5, cancelled('a'), cancelled('b'), added('h', 'docs')),
    )
    expect(getPage(later, 6, { after: first.end }).ids).toBe('c d h')
  })
})
