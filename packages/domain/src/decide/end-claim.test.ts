import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  completed,
  failed,
  given,
  held,
  minuteMs,
  opened,
  released,
  buildState,
  time,
  unheld,
} from '../../testing/decider-specification.ts'
import { computeBackoffMs } from '../values/backoff.ts'
import { timeToMs, timeFromMs } from '../time/clock.ts'

const fresh = at(0, opened(), added('t', 'docs'))
const leased = [fresh, at(0, claimed('ann', 't'))]
const complete = { command: 'complete', worker: 'ann', taskId: 't' } as const
const fail = { command: 'fail', worker: 'ann', taskId: 't', error: 'flaky' } as const
const release = { command: 'release', worker: 'ann', taskId: 't' } as const

/** The time `ms` after the minute `minutes`. */
const laterTime = (minutes: number, ms: number) => timeFromMs(timeToMs(time(minutes)) + ms)

describe('completing a task', () => {
  it('makes it done and records its result', () => {
    given(...leased)
      .when({ ...complete, token: 3, result: { pages: 12 }, by: 'ann', requestId: 'r' }, 5)
      .then(at(5, { ...completed('ann', 't', 3, { pages: 12 }), by: 'ann', requestId: 'r' }))
  })

  it('again by its holder writes nothing', () => {
    const done = [...leased, at(5, completed('ann', 't', 3, { pages: 12, of: 12 }))]
    given(...done)
      .when(complete, 5)
      .thenNothing({ taskIds: ['t'], seq: 4 })
    given(...done)
      .when({ ...complete, token: 3, result: { of: 12, pages: 12 } }, 99)
      .thenNothing({ taskIds: ['t'], seq: 4 })
  })

  it('cannot change the first result', () => {
    given(...leased, at(5, completed('ann', 't', 3, 1)))
      .when({ ...complete, result: 2 }, 5)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann', otherResult: true })
    given(...leased, at(5, completed('ann', 't', 3)))
      .when({ ...complete, result: null }, 5)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann', otherResult: true })
  })

  it('again by another worker is refused', () => {
    given(...leased, at(5, completed('ann', 't', 3)))
      .when({ ...complete, worker: 'bob' }, 5)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann' })
  })

  it('unblocks its dependents, but only once all their dependencies are done', () => {
    const withNeeds = at(
      0,
      opened(),
      added('t', 'docs'),
      added('u', 'docs'),
      added('one', 'docs', { needs: ['t'] }),
      added('both', 'docs', { needs: ['u', 't'] }),
    )
    const state = buildState(withNeeds, at(0, claimed('ann', 't'), completed('ann', 't', 6)))
    expect(['one', 'both'].map(id => state.table.get(id)?.status)).toEqual(['ready', 'blocked'])
  })
})

describe('failing an attempt', () => {
  it('delays the task by its backoff: the first delay, doubled each time, minus up to half of it', () => {
    const backoff = { firstMs: 1000, maxMs: 3000 }
    const delays = [1, 2, 3, 4].map(attempt => computeBackoffMs(backoff, 't', attempt))
    for (const [i, fullDelayMs] of [1000, 2000, 3000, 3000].entries()) {
      expect(delays[i]).toBeGreaterThanOrEqual(fullDelayMs / 2)
      expect(delays[i]).toBeLessThanOrEqual(fullDelayMs)
    }
    given(at(0, opened(), added('t', 'docs', { backoff })), at(0, claimed('ann', 't')))
      .when(fail, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', laterTime(1, computeBackoffMs(backoff, 't', 1)))))
    given(at(0, opened({ backoff }), added('t', 'docs')), at(0, claimed('ann', 't')))
      .when(fail, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', laterTime(1, computeBackoffMs(backoff, 't', 1)))))
  })

  it('spreads tasks that failed together, by the same delay each time', () => {
    const backoff = { firstMs: 60_000, maxMs: 60_000 }
    const delays = Array.from({ length: 100 }, (_, i) => computeBackoffMs(backoff, `t${i}`, 1))
    expect(new Set(delays).size).toBeGreaterThan(90)
    expect(Array.from({ length: 100 }, (_, i) => computeBackoffMs(backoff, `t${i}`, 1))).toEqual(delays)
  })

  it('delays by at least a millisecond, and not beyond valid dates', () => {
    expect(computeBackoffMs({ firstMs: 1, maxMs: 1 }, 't', 1)).toBe(1)
    const longBackoff = computeBackoffMs({ firstMs: 3_155_760_000_000, maxMs: 3_155_760_000_000 }, 't', 1_000_000)
    expect(longBackoff).toBeLessThanOrEqual(3_155_760_000_000)
  })

  it('retries at the time that the worker requests', () => {
    given(...leased)
      .when({ ...fail, retryInMs: 2 * minuteMs }, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', time(3))))
  })

  it('fails the task if the worker wants no further attempt', () => {
    given(...leased)
      .when({ ...fail, retryInMs: null }, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', null)))
  })

  it('may be retried at once if the worker requests it', () => {
    given(...leased)
      .when({ ...fail, retryInMs: 0 }, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', time(1))))
  })

  it('fails the task if no attempts are left, regardless of the backoff', () => {
    const last = [at(0, opened(), added('t', 'docs', { maxAttempts: 1 })), at(0, claimed('ann', 't'))]
    given(...last)
      .when(fail, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', null)))
  })

  it('fails the task if no attempts are left, even if the worker requests a retry', () => {
    const last = [at(0, opened(), added('t', 'docs', { maxAttempts: 1 })), at(0, claimed('ann', 't'))]
    given(...last)
      .when({ ...fail, retryInMs: minuteMs }, 1)
      .then(at(1, failed('ann', 't', 3, 'flaky', null)))
  })

  it('again by its holder writes nothing', () => {
    given(...leased, at(1, failed('ann', 't', 3, 'flaky', time(2))))
      .when(fail, 1)
      .thenNothing({ taskIds: ['t'], seq: 4 })
    given(...leased, at(1, failed('ann', 't', 3, 'flaky', null)))
      .when({ ...fail, token: 3, retryInMs: null }, 9)
      .thenNothing({ taskIds: ['t'], seq: 4 })
  })

  it('counts: the next claim is the next attempt', () => {
    given(...leased, at(1, failed('ann', 't', 3, 'flaky', time(2))))
      .when(claim('ann'), 2)
      .then(at(2, claimed('ann', 't', { attempt: 2, until: 17 })))
  })

  it('cannot fail a task that is done', () => {
    given(...leased, at(1, completed('ann', 't', 3)))
      .when(fail, 1)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann' })
  })
})

describe('releasing a task', () => {
  it('records the reason', () => {
    given(...leased)
      .when({ ...release, reason: 'going home' }, 1)
      .then(at(1, released('ann', 't', 3, 'going home')))
  })

  it('does not count as an attempt', () => {
    const once = [at(0, opened({ maxAttempts: 1 }), added('t', 'docs')), at(0, claimed('ann', 't'))]
    given(...once, at(1, released('ann', 't', 3)))
      .when(claim('bob'), 1)
      .then(at(1, claimed('bob', 't', { attempt: 1, until: 16 })))
  })

  it('does not restore earlier attempts', () => {
    given(
      ...leased,
      at(1, failed('ann', 't', 3, 'flaky', time(2))),
      at(2, claimed('bob', 't', { attempt: 2, until: 17 }), released('bob', 't', 5)),
    )
      .when(claim('ann'), 3)
      .then(at(3, claimed('ann', 't', { attempt: 2, until: 18 })))
  })

  it('again by its holder writes nothing', () => {
    given(...leased, at(1, released('ann', 't', 3)))
      .when(release, 1)
      .thenNothing({ taskIds: ['t'], seq: 4 })
  })

  it('leaves a task that is not due waiting', () => {
    given(
      at(0, opened(), added('t', 'docs')),
      at(1, claimed('ann', 't', { until: 16 }), failed('ann', 't', 3, 'flaky', time(2))),
      at(2, claimed('bob', 't', { attempt: 2, until: 17 }), released('bob', 't', 5)),
    )
      .when(claim('cem'), 2)
      .then(at(2, claimed('cem', 't', { attempt: 2, until: 17 })))
  })
})

describe('putting a task on hold', () => {
  const hold = { command: 'hold', taskId: 't' } as const
  const unhold = { command: 'unhold', taskId: 't' } as const

  it('blocks it until unhold', () => {
    given(fresh)
      .when({ ...hold, reason: 'ask first', by: 'eve' }, 1)
      .then(at(1, { ...held('t', 'ask first'), by: 'eve' }))
    given(fresh, at(1, held('t')))
      .when({ ...unhold, reason: 'asked', by: 'eve' }, 2)
      .then(at(2, { ...unheld('t', 'asked'), by: 'eve' }))
    given(fresh, at(1, held('t')), at(2, unheld('t')))
      .when(claim('ann'), 3)
      .then(at(3, claimed('ann', 't', { until: 18 })))
  })

  it('again writes nothing', () => {
    given(fresh, at(1, held('t')), at(1, added('u', 'docs')))
      .when(hold, 2)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(fresh)
      .when(unhold, 2)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('is refused while it is claimed, until the instant the lease ends', () => {
    const claimOfAnn = {
      worker: 'ann',
      token: 3,
      attempt: 1,
      claimedAt: time(0),
      leaseUntil: time(15),
      leaseSetBy: { seq: 3, time: time(0) },
      lapsed: false as const,
    }
    given(...leased)
      .when(hold, 14)
      .thenRefused({ error: 'already_claimed', taskId: 't', claim: claimOfAnn })
    given(...leased)
      .when(hold, 15)
      .then(at(15, held('t')))
  })

  it('is refused if the lease has expired with no attempts left: the next claim records its failure', () => {
    given(at(0, opened({ maxAttempts: 1 }), added('t', 'docs')), at(0, claimed('ann', 't')))
      .when(hold, 15)
      .thenRefused({ error: 'attempts_used_up', taskId: 't', attempts: 1 })
  })

  it('is refused once it is finished', () => {
    given(...leased, at(1, completed('ann', 't', 3)))
      .when(hold, 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann' })
  })

  it('is refused for an unknown task', () => {
    given(fresh)
      .when({ ...hold, taskId: 'x' }, 2)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
    given(fresh)
      .when({ ...unhold, taskId: 'x' }, 2)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('does not shorten its wait for another attempt', () => {
    const waiting = at(0, opened(), added('t', 'docs', { notBefore: time(30) }))
    given(waiting, at(1, held('t')), at(2, unheld('t')))
      .when(claim('ann'), 30)
      .then(at(30, claimed('ann', 't', { until: 45 })))
    const { decided } = given(waiting, at(1, held('t')), at(2, unheld('t'))).when(claim('ann'), 29)
    expect(decided).toMatchObject({ left: { error: 'no_ready_task', waiting: { nextAt: time(30) } } })
  })

  it('leaves a task with open dependencies blocked after unhold', () => {
    const state = buildState(
      at(0, opened(), added('n', 'docs'), added('t', 'docs', { needs: ['n'] }), held('t'), unheld('t')),
    )
    expect(state.table.get('t')?.status).toBe('blocked')
  })
})
