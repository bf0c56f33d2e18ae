import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { aheadMax } from '@claimlog/domain'
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
  opened,
  paused,
  buildState,
  time,
  type EventGroups,
} from '@claimlog/domain/testing'
import type { WhyView } from '../documents/guard.ts'
import { whyView } from './why.ts'

const explainWhy = (minutes: number, taskId: string, ...groups: EventGroups): WhyView => {
  const why = whyView(buildState(...groups), taskId, time(minutes))
  if (E.isLeft(why)) throw new Error(why.left.error)
  return why.right
}

const fresh = at(
  0,
  opened(),
  added('s', 'docs'),
  added('t', 'docs'),
  added('u', 'docs', { priority: 0 }),
  added('v', 'ci'),
)
const leased = [fresh, at(1, claimed('ann', 't', { until: 16 }))]
const about = { taskId: 't', kind: 'docs', status: 'ready', claimable: false }

describe('why a task can be claimed', () => {
  it('has no guards, and counts the tasks of its kind that come first', () => {
    const free = { ...about, claimable: true, guards: [], seq: 5 }
    expect(explainWhy(1, 't', fresh)).toEqual({ ...free, ahead: 2 })
    expect(explainWhy(1, 'u', fresh)).toEqual({ ...free, taskId: 'u', ahead: 0 })
    expect(explainWhy(1, 'v', fresh)).toEqual({ ...free, taskId: 'v', kind: 'ci', ahead: 0 })
  })

  it('does not count tasks that cannot be claimed themselves', () => {
    expect(explainWhy(1, 't', fresh, at(1, held('u'), claimed('ann', 's', { until: 16 }))).ahead).toBe(0)
    expect(explainWhy(16, 't', fresh, at(1, held('u'), claimed('ann', 's', { until: 16 }))).ahead).toBe(1)
  })

  it('stops counting at the maximum', () => {
    const many = Array.from({ length: aheadMax + 5 }, (_, i) => added(`a${i}`, 'docs', { priority: 0 }))
    expect(explainWhy(1, 't', fresh, at(0, ...many)).ahead).toBe(aheadMax)
  })

  it('is true for a task as soon as its lease expires', () => {
    expect(explainWhy(15, 't', ...leased).claimable).toBe(false)
    expect(explainWhy(16, 't', ...leased)).toEqual({ ...about, claimable: true, ahead: 2, guards: [], seq: 6 })
  })

  it('uses the time of the log if the clock is behind it', () => {
    expect(explainWhy(3, 't', ...leased, at(16, added('w', 'ci'))).claimable).toBe(true)
  })
})

describe('how many come before a task of a kind with a limit', () => {
  it('does not depend on the limit', () => {
    expect(explainWhy(1, 't', fresh, at(0, limited('docs', 1))).ahead).toBe(2)
  })
})

describe('why a task cannot be claimed', () => {
  it('has its guards in snake_case, each with the event that caused it and what clears it', () => {
    expect(explainWhy(2, 't', ...leased)).toEqual({
      ...about,
      guards: [
        {
          guard: 'claimed',
          seq: 6,
          since: time(1),
          worker: 'ann',
          token: 6,
          until: time(16),
          clearedBy: [{ at: time(16) }, { event: 'released', taskId: 't' }],
        },
      ],
      seq: 6,
    })
  })

  it('lists all guards, the most serious first', () => {
    const all = at(
      1,
      amended('t', { needs: ['u', 'v'], notBefore: time(30) }),
      { ...held('t', 'ask'), by: 'eve' },
      cancelled('v'),
      { ...paused('docs', 'the disk is full'), by: 'eve' },
    )
    expect(explainWhy(2, 't', fresh, all)).toMatchObject({
      ...about,
      status: 'blocked',
      guards: [
        {
          guard: 'held',
          seq: 7,
          since: time(1),
          reason: 'ask',
          by: 'eve',
          clearedBy: [{ event: 'unheld', taskId: 't' }],
        },
        {
          guard: 'need',
          seq: 4,
          since: time(0),
          need: 'u',
          status: 'ready',
          clearedBy: [{ event: 'completed', taskId: 'u' }],
        },
        {
          guard: 'need',
          seq: 8,
          since: time(1),
          need: 'v',
          status: 'cancelled',
          clearedBy: [
            { event: 'retried', taskId: 'v' },
            { event: 'amended', taskId: 't' },
          ],
        },
        { guard: 'not_due', seq: 6, waitsFor: 'not_before', until: time(30) },
        {
          guard: 'paused',
          seq: 9,
          since: time(1),
          kind: 'docs',
          reason: 'the disk is full',
          by: 'eve',
          clearedBy: [{ event: 'resumed', kind: 'docs' }],
        },
      ],
      seq: 9,
    })
  })

  it('shows exhausted attempts, the wait for a retry, and a full kind', () => {
    const once = [at(0, opened({ maxAttempts: 1 }), added('t', 'docs')), at(1, claimed('ann', 't', { until: 16 }))]
    expect(explainWhy(16, 't', ...once).guards).toEqual([
      { guard: 'attempts', seq: 3, since: time(1), attempts: 1, clearedBy: [{ event: 'amended', taskId: 't' }] },
    ])
    expect(explainWhy(3, 't', ...leased, at(2, failed('ann', 't', 6, 'no', time(9)))).guards).toEqual([
      {
        guard: 'not_due',
        seq: 7,
        since: time(2),
        waitsFor: 'retry',
        until: time(9),
        clearedBy: [{ at: time(9) }, { event: 'amended', taskId: 't' }],
      },
    ])
    expect(explainWhy(3, 's', ...leased, at(2, limited('docs', 1))).guards).toEqual([
      {
        guard: 'full',
        seq: 7,
        since: time(2),
        kind: 'docs',
        limit: 1,
        until: time(16),
        clearedBy: [{ at: time(16) }, { event: 'limited', kind: 'docs' }],
      },
    ])
  })

  it('is that it is finished, without other guards', () => {
    expect(explainWhy(3, 't', ...leased, at(2, completed('ann', 't', 6), paused('docs')))).toEqual({
      ...about,
      status: 'done',
      guards: [
        {
          guard: 'finished',
          seq: 7,
          since: time(2),
          status: 'done',
          worker: 'ann',
          clearedBy: [{ event: 'retried', taskId: 't' }],
        },
      ],
      seq: 8,
    })
  })

  it('is refused for an unknown task', () => {
    expect(whyView(buildState(fresh), 'x', time(1))).toEqual(E.left({ error: 'unknown_task', taskId: 'x' }))
  })
})
