import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  given,
  limited,
  minuteMs,
  opened,
  renewed,
  buildState,
  time,
} from '../../testing/decider-specification.ts'
import { dumpIndices } from '../../testing/table-scan.ts'
import { isLive } from '../state/task.ts'

const renew = { command: 'renew', worker: 'ann', taskId: 't' } as const
/** Bob's claim of `u` has marked ann's lease of `t` as expired. */
const markedExpired = [
  at(0, opened(), added('t', 'docs'), added('u', 'docs', { priority: 0, notBefore: time(16) })),
  at(0, claimed('ann', 't')),
  at(16, claimed('bob', 'u', { until: 31 })),
]

describe('a lease that was marked as expired and is renewed', () => {
  const renewedLate = [...markedExpired, at(17, renewed('ann', 't', 4, 47))]

  it('is live again until its new end', () => {
    given(...renewedLate)
      .when(claim('cem'), 30)
      .thenNoReadyTask([], { nextAt: time(31) })
    given(...renewedLate, at(31, claimed('bob', 'u', { attempt: 2, until: 61 })))
      .when(claim('cem'), 46)
      .thenNoReadyTask([], { nextAt: time(47) })
    given(...renewedLate, at(31, claimed('bob', 'u', { attempt: 2, until: 61 })))
      .when(claim('cem'), 47)
      .then(at(47, claimed('cem', 't', { attempt: 2, until: 62 })))
  })

  it('counts against the limit of its kind again', () => {
    const withLimit = (limit: number) => [...renewedLate, at(18, added('v', 'docs'), limited('docs', limit))]
    given(...withLimit(2))
      .when(claim('cem'), 19)
      .thenNoReadyTask([], { full: ['docs'], nextAt: time(31) })
    given(...withLimit(3))
      .when(claim('cem'), 19)
      .then(at(19, claimed('cem', 'v', { until: 34 })))
  })
})

describe('expired leases', () => {
  it('of all kinds are processed by one claim, and by none that follows', () => {
    const state = buildState(
      at(0, opened(), added('t', 'docs'), added('u', 'docs'), added('v', 'docs'), added('w', 'ci')),
      at(0, added('x', 'ci', { maxAttempts: 1 })),
      at(0, claimed('ann', 't'), claimed('ann', 'w'), claimed('ann', 'x'), claimed('bob', 'u', { until: 30 })),
      at(15, claimed('cem', 'v', { until: 40 })),
    )
    expect(dumpIndices(state)).toEqual([
      'exhausted ci: x',
      'leased docs: u v',
      'open : t u v w x',
      'ready ci: w',
      'ready docs: t',
    ])
    const { claim: claimOfAnn } = state.table.get('t') ?? {}
    expect(claimOfAnn?.lapsed === 'for now' && !isLive(claimOfAnn, time(15))).toBe(true)
  })
})

describe('a limit below the number of current claims', () => {
  const tasks = ['t', 'u', 'v', 'w', 'x'].map(id => added(id, 'docs'))
  const overLimit = [
    at(
      0,
      opened(),
      ...tasks,
      claimed('ann', 't'),
      claimed('bob', 'u', { until: 30 }),
      claimed('cem', 'v', { until: 30 }),
    ),
    at(1, limited('docs', 1)),
  ]

  it('allows no claim, regardless of the requested count', () => {
    given(...overLimit)
      .when({ command: 'claim', worker: 'eve', kinds: [], count: 4 }, 2)
      .thenNoReadyTask([], { full: ['docs'], nextAt: time(30) })
  })

  it('keeps an expired lease from being renewed', () => {
    given(...overLimit)
      .when(renew, 16)
      .thenRefused({ error: 'kind_full', kind: 'docs', limit: 1 })
  })

  it('does not end a live lease, which may still be renewed', () => {
    given(...overLimit)
      .when({ ...renew, leaseMs: 30 * minuteMs }, 14)
      .then(at(14, renewed('ann', 't', 7, 44)))
  })
})
