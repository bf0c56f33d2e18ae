import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claimed,
  failed,
  held,
  limited,
  opened,
  paused,
  buildState,
  time,
  type EventGroups,
} from '@claimlog/domain/testing'
import type { PrimeView } from '../documents/prime.ts'
import { primeView } from './prime.ts'

const buildBriefing = (
  minutes: number,
  query: { readonly worker?: string; readonly kinds?: ReadonlyArray<string>; readonly vacant?: ReadonlyArray<string> },
  ...groups: EventGroups
): PrimeView => primeView(buildState(...groups), { kinds: [], ...query }, time(minutes))

const fresh = at(
  0,
  opened(),
  added('s', 'docs', { title: 'Read' }),
  added('t', 'docs', { priority: 0 }),
  added('u', 'ci'),
  added('v', 'docs'),
)
const claimEvents = at(1, claimed('ann', 't', { until: 16 }), claimed('bob', 'u', { until: 11 }))

describe('the briefing about other workers', () => {
  it('has the number of claims of each, vacant names first', () => {
    const more = at(1, claimed('cem', 's', { until: 16 }), claimed('bob', 'v', { until: 16 }))
    const { claimsOfOthers: count, others } = buildBriefing(
      2,
      { worker: 'ann', vacant: ['cem', 'eve'] },
      fresh,
      claimEvents,
      more,
    )
    expect({ count, others }).toEqual({
      count: 3,
      others: [
        { worker: 'cem', claims: 1, taskId: 's', vacant: true },
        { worker: 'bob', claims: 2, taskId: 'v' },
      ],
    })
  })
})

describe('the briefing of a worker', () => {
  it('is empty in an empty queue', () => {
    expect(buildBriefing(1, {}, at(0, opened()))).toEqual({
      claims: [],
      openClaims: 0,
      kinds: [],
      kindsWithWork: 0,
      truncated: false,
      seq: 1,
    })
  })

  it('has every live claim, the first to expire first, and the ready tasks in claim order', () => {
    expect(buildBriefing(2, {}, fresh, claimEvents)).toEqual({
      claims: [
        { taskId: 'u', kind: 'ci', worker: 'bob', token: 7, leaseUntil: time(11), lapsed: false },
        { taskId: 't', kind: 'docs', worker: 'ann', token: 6, leaseUntil: time(16), lapsed: false },
      ],
      openClaims: 2,
      kinds: [
        { kind: 'ci', ready: 0, tasks: [] },
        { kind: 'docs', ready: 2, tasks: [{ taskId: 's', title: 'Read' }, { taskId: 'v' }] },
      ],
      kindsWithWork: 2,
      truncated: false,
      seq: 7,
    })
  })

  it('has only its own claims if a worker is given, and only the given kinds, even those without tasks', () => {
    const {
      worker,
      claims,
      openClaims: open,
      kinds,
    } = buildBriefing(2, { worker: 'ann', kinds: ['mail', 'ci', 'mail'] }, fresh, claimEvents)
    expect({ worker, ids: claims.map(claim => claim.taskId), open }).toEqual({ worker: 'ann', ids: ['t'], open: 1 })
    expect(kinds).toEqual([
      { kind: 'mail', ready: 0, tasks: [] },
      { kind: 'ci', ready: 0, tasks: [] },
    ])
  })

  it('counts a task with an expired lease as ready, and still as a claim of its worker', () => {
    expect(buildBriefing(20, {}, fresh, claimEvents)).toMatchObject({
      claims: [],
      openClaims: 0,
      kinds: [
        { kind: 'ci', ready: 1, tasks: [{ taskId: 'u' }] },
        { kind: 'docs', ready: 3, tasks: [{ taskId: 't' }, { taskId: 's' }, { taskId: 'v' }] },
      ],
    })
    expect(buildBriefing(20, { worker: 'ann' }, fresh, claimEvents)).toMatchObject({
      claims: [{ taskId: 't', lapsed: true }],
      openClaims: 1,
      claimsOfOthers: 0,
      others: [],
    })
  })

  it('does not count a task that is on hold, not due, or without attempts left', () => {
    const more = at(
      1,
      held('s'),
      claimed('ann', 'v', { until: 16 }),
      failed('ann', 'v', 7, 'no', time(30)),
      added('w', 'docs', { maxAttempts: 1 }),
      claimed('ann', 'w', { until: 5 }),
    )
    expect(buildBriefing(10, { kinds: ['docs'] }, fresh, more)).toMatchObject({
      kinds: [{ kind: 'docs', ready: 1, tasks: [{ taskId: 't' }] }],
    })
    expect(buildBriefing(31, { kinds: ['docs'] }, fresh, more)).toMatchObject({
      kinds: [{ kind: 'docs', ready: 2, tasks: [{ taskId: 't' }, { taskId: 'v' }] }],
    })
  })

  it('marks a kind of which nothing can be claimed', () => {
    const closed = at(1, paused('docs'), limited('ci', 1), added('x', 'ci'), claimed('bob', 'u', { until: 16 }))
    expect(buildBriefing(2, {}, fresh, closed).kinds).toMatchObject([
      { kind: 'ci', ready: 1, closed: 'full' },
      { kind: 'docs', ready: 3, closed: 'paused' },
    ])
  })

  it('is bounded: the first of each, shortened, and the total counts', () => {
    const many = at(
      0,
      opened(),
      ...Array.from({ length: 30 }, (_, i) =>
        added(`t${i}`, `k${String(i % 10)}`, { title: `${'a'.repeat(78)}😀${i}` }),
      ),
      ...Array.from({ length: 20 }, (_, i) => claimed('ann', `t${i}`, { until: 100 - i })),
    )
    const view = buildBriefing(1, { worker: 'ann' }, many)
    expect(view.claims.map(claim => claim.taskId)).toEqual(['t19', 't18', 't17', 't16', 't15', 't14', 't13', 't12'])
    expect(view.claims[0]?.title).toBe(`${'a'.repeat(78)}…`)
    expect([view.openClaims, view.kinds.length, view.kindsWithWork, view.truncated]).toEqual([20, 8, 10, true])
  })
})
