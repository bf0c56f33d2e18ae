import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claimed,
  completed,
  failed,
  given,
  held,
  limited,
  minuteMs,
  opened,
  paused,
  buildState,
  time,
} from '../../../testing/decider-specification.ts'
import { decide } from '../index.ts'
import { msAfterNoon } from '../../../testing/event-builders.ts'

const anyKind = { kinds: [] }
const complete = { command: 'complete', worker: 'ann', taskId: 't', claimNext: anyKind } as const
const fail = { command: 'fail', worker: 'ann', taskId: 't', error: 'flaky', claimNext: anyKind } as const

/** A log in which ann has claimed `t`, of the kind docs, with token 3, plus the given tasks. */
const logWithClaim = (...moreEvents: ReadonlyArray<ReturnType<typeof added>>) => [
  at(0, opened(), added('t', 'docs')),
  at(0, claimed('ann', 't')),
  at(0, ...moreEvents),
]

describe('completing a task and claiming the next', () => {
  it('is one decision: the task is done, and the first in order is claimed', () => {
    given(...logWithClaim(added('a', 'docs'), added('b', 'ci', { priority: 0 })))
      .when({ ...complete, result: 12 }, 5)
      .then(at(5, completed('ann', 't', 3, 12), claimed('ann', 'b', { until: 20 })))
  })

  it('returns the task that is done, the one that was claimed, and the seq of the claim', () => {
    const { decided } = given(...logWithClaim(added('a', 'docs'))).when(complete, 5)
    expect(E.isRight(decided) && { ...decided.right, events: decided.right.events.length }).toEqual({
      ...{ _tag: 'Append', events: 2, taskIds: ['t'], seq: 6, next: { taskId: 'a' } },
    })
  })

  it('claims a task of the requested kinds, with the requested lease', () => {
    const moreEvents = [added('a', 'docs'), added('b', 'ci', { leaseMs: 2 * minuteMs }), added('c', 'art')]
    given(...logWithClaim(...moreEvents))
      .when({ ...complete, claimNext: { kinds: ['art', 'ci'] } }, 5)
      .then(at(5, completed('ann', 't', 3), claimed('ann', 'b', { until: 7 })))
    given(...logWithClaim(...moreEvents))
      .when({ ...complete, claimNext: { kinds: ['ci'], leaseMs: minuteMs } }, 5)
      .then(at(5, completed('ann', 't', 3), claimed('ann', 'b', { until: 6 })))
    given(...logWithClaim(...moreEvents))
      .when({ ...complete, claimNext: { kinds: ['art'], leaseMs: null } }, 5)
      .then(at(5, completed('ann', 't', 3), claimed('ann', 'c', { until: null })))
  })

  it('records the author and the request id with both', () => {
    const metadata = { by: 'eve', requestId: 'r' }
    given(...logWithClaim(added('a', 'docs')))
      .when({ ...complete, ...metadata }, 5)
      .then(at(5, { ...completed('ann', 't', 3), ...metadata }, { ...claimed('ann', 'a', { until: 20 }), ...metadata }))
  })

  it('can claim a task of a full kind if the claim that ends frees a slot', () => {
    given(...logWithClaim(added('a', 'docs')), at(1, limited('docs', 1)))
      .when(complete, 5)
      .then(at(5, completed('ann', 't', 3), claimed('ann', 'a', { until: 20 })))
    given(
      ...logWithClaim(added('a', 'ci'), added('b', 'ci')),
      at(1, limited('ci', 1), claimed('bob', 'a', { until: 16 })),
    )
      .when(complete, 5)
      .then(at(5, completed('ann', 't', 3)))
  })

  it('may claim a task that was blocked by this task alone', () => {
    given(...logWithClaim(added('a', 'docs'), added('b', 'ci', { needs: ['t'], priority: 0 })))
      .when(complete, 5)
      .then(at(5, completed('ann', 't', 3), claimed('ann', 'b', { until: 20 })))
  })

  it('does not claim a task that is blocked by another task, too', () => {
    const needs = ['t']
    const moreEvents = [
      added('other', 'art'),
      added('b', 'ci', { needs: ['t', 'other'] }),
      added('c', 'ci', { needs, notBefore: time(30) }),
      added('d', 'ci', { needs }),
      added('e', 'paint', { needs }),
    ]
    given(...logWithClaim(...moreEvents), at(1, held('d'), paused('paint'), claimed('bob', 'other', { until: 16 })))
      .when(complete, 5)
      .then(at(5, completed('ann', 't', 3)))
  })

  it('records expired claims with no attempts left, as any claim does', () => {
    const expiredClaim = at(0, claimed('bob', 'old', { until: 2 }))
    const error = `the lease expired at ${time(2)} and no attempts are left`
    given(...logWithClaim(added('old', 'docs', { maxAttempts: 1 }), added('a', 'docs')), expiredClaim)
      .when(complete, 5)
      .then(at(5, completed('ann', 't', 3), failed('bob', 'old', 6, error), claimed('ann', 'a', { until: 20 })))
  })

  it('works for a holder whose lease has expired in its last attempt', () => {
    given(at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), claimed('ann', 't'), added('a', 'docs')))
      .when(complete, 50)
      .then(at(50, completed('ann', 't', 3), claimed('ann', 'a', { until: 65 })))
  })

  it('claims nothing and writes nothing if the completion is refused', () => {
    given(...logWithClaim(added('a', 'docs')), at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
      .when(complete, 16)
      .thenRefused({
        error: 'lease_lost',
        taskId: 't',
        holder: { worker: 'bob', token: 5, leaseUntil: time(30) },
        credentials: { worker: 'ann', token: undefined },
        expired: true,
      })
    given(...logWithClaim(added('a', 'docs')))
      .when({ ...complete, taskId: 'x' }, 5)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('requires valid kinds, and a lease of at least a millisecond', () => {
    for (const claimNext of [{ kinds: ['a b'] }, { kinds: [], leaseMs: 0 }]) {
      const { decided } = given(...logWithClaim()).when({ ...complete, claimNext }, 5)
      expect(E.isLeft(decided) && decided.left.error).toBe('bad_input')
    }
  })
})

describe('completing a task when there is nothing to claim next', () => {
  it('completes it and explains what is waited for', () => {
    const example = given(...logWithClaim(added('a', 'ci', { notBefore: time(30) }))).when(complete, 5)
    example.then(at(5, completed('ann', 't', 3)))
    const { decided } = example
    if (E.isLeft(decided) || decided.right._tag !== 'Append') throw new Error('nothing is appended')
    const { next, taskIds, seq } = decided.right
    const state = buildState(
      ...logWithClaim(added('a', 'ci', { notBefore: time(30) })),
      at(5, completed('ann', 't', 3)),
    )
    const claimDecision = decide({ command: 'claim', worker: 'ann', kinds: [], nowMs: msAfterNoon(5) }, state)
    expect({ next, taskIds, seq }).toEqual({
      next: { none: E.isLeft(claimDecision) && claimDecision.left },
      taskIds: ['t'],
      seq: 5,
    })
    expect(next !== undefined && 'none' in next && next.none.waiting.nextAt).toBe(time(30))
  })

  it('still records expired claims with no attempts left, as part of the request', () => {
    const expiredClaim = at(0, claimed('bob', 'old', { until: 2 }))
    const error = `the lease expired at ${time(2)} and no attempts are left`
    const requestId = 'r'
    given(...logWithClaim(added('old', 'docs', { maxAttempts: 1 })), expiredClaim)
      .when({ ...complete, requestId }, 5)
      .then(at(5, { ...completed('ann', 't', 3), requestId }, { ...failed('bob', 'old', 5, error), requestId }))
  })
})

describe('completing a task and claiming the next, repeated', () => {
  const done = [...logWithClaim(added('a', 'docs'), added('b', 'docs')), at(5, completed('ann', 't', 3))]

  it('claims another next task', () => {
    given(...done, at(5, claimed('ann', 'a', { until: 20 })))
      .when(complete, 6)
      .then(at(6, claimed('ann', 'b', { until: 21 })))
  })

  it('writes nothing if no task is ready', () => {
    const { decided } = given(...logWithClaim(), at(5, completed('ann', 't', 3))).when(complete, 6)
    expect(E.isRight(decided) && { ...decided.right, next: undefined }).toEqual({
      ...{ _tag: 'Unchanged', events: [], taskIds: ['t'], seq: 4, next: undefined },
    })
  })

  it('with only failures of expired claims as its events can still claim a task with the same request id', () => {
    const expiredClaim = at(0, claimed('bob', 'old', { until: 2 }))
    const error = `the lease expired at ${time(2)} and no attempts are left`
    given(...logWithClaim(added('old', 'docs', { maxAttempts: 1 })), expiredClaim, at(1, completed('ann', 't', 3)))
      .when({ ...complete, requestId: 'r' }, 5)
      .then(at(5, failed('bob', 'old', 5, error)))
  })

  it('with the same request id writes nothing', () => {
    const requestId = 'r'
    const both = at(5, { ...completed('ann', 't', 3), requestId }, { ...claimed('ann', 'a', { until: 20 }), requestId })
    const { decided } = given(...logWithClaim(added('a', 'docs'), added('b', 'docs')), both).when(
      { ...complete, requestId },
      6,
    )
    expect(decided).toEqual(
      E.right({ _tag: 'Repeats', events: [], taskIds: [], seq: 7, repeats: { firstSeq: 6, lastSeq: 7 } }),
    )
  })
})

describe('failing a task and claiming the next', () => {
  it('is one decision, and the task waits for its next attempt', () => {
    given(...logWithClaim(added('a', 'docs', { priority: 9 })))
      .when({ ...fail, retryInMs: minuteMs }, 5)
      .then(at(5, failed('ann', 't', 3, 'flaky', time(6)), claimed('ann', 'a', { until: 20 })))
  })

  it('claims the same task again if it may be retried at once and is the first in order', () => {
    given(...logWithClaim(added('a', 'docs')))
      .when({ ...fail, retryInMs: 0 }, 5)
      .then(at(5, failed('ann', 't', 3, 'flaky', time(5)), claimed('ann', 't', { attempt: 2, until: 20 })))
    given(...logWithClaim(added('a', 'docs', { priority: 0 })))
      .when({ ...fail, retryInMs: 0 }, 5)
      .then(at(5, failed('ann', 't', 3, 'flaky', time(5)), claimed('ann', 'a', { until: 20 })))
  })

  it('leaves the dependents of the failed task blocked', () => {
    given(...logWithClaim(added('a', 'docs', { needs: ['t'] })))
      .when({ ...fail, retryInMs: null }, 5)
      .then(at(5, failed('ann', 't', 3, 'flaky')))
  })
})
