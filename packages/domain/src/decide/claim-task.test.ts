import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  addCommandTime,
  completed,
  failed,
  given,
  held,
  limited,
  opened,
  paused,
  released,
  renewed,
  resumed,
  buildState,
  time,
} from '../../testing/decider-specification.ts'
import { fold } from '../evolve/evolve.ts'
import { decide } from './index.ts'

const one = at(0, opened(), added('t', 'docs'))
const two = at(0, opened(), added('t', 'docs'), added('u', 'docs'))

describe('the order in which tasks are claimed', () => {
  it('is by priority, by default 5, and then by age', () => {
    const tasks = at(
      0,
      opened(),
      added('old', 'docs'),
      added('lazy', 'docs', { priority: 9 }),
      added('five', 'docs', { priority: 5 }),
      added('urgent', 'docs', { priority: 0 }),
      added('four', 'docs', { priority: 4 }),
    )
    let state = buildState(tasks)
    const claimedIds: Array<string> = []
    for (let i = 0; i < 5; i += 1) {
      const decided = decide(addCommandTime(1, claim(`w${i}`)), state)
      if (E.isLeft(decided)) throw new Error(decided.left.error)
      claimedIds.push(...decided.right.taskIds)
      state = fold(state, decided.right.events)
    }
    expect(claimedIds).toEqual(['urgent', 'four', 'old', 'five', 'lazy'])
  })

  it('is by age even for a task that was released', () => {
    given(two, at(1, claimed('ann', 't', { until: 16 }), released('ann', 't', 4)))
      .when(claim('bob'), 2)
      .then(at(2, claimed('bob', 't', { until: 17 })))
    given(two, at(1, claimed('ann', 't', { until: 16 })))
      .when(claim('bob'), 16)
      .then(at(16, claimed('bob', 't', { attempt: 2, until: 31 })))
  })

  it('spans the requested kinds, or all kinds if none is requested', () => {
    const tasks = at(
      0,
      opened(),
      added('a', 'docs'),
      added('b', 'ci'),
      added('c', 'ops', { priority: 1 }),
      added('d', 'ci', { priority: 4 }),
    )
    given(tasks)
      .when(claim('ann'), 1)
      .then(at(1, claimed('ann', 'c', { until: 16 })))
    given(tasks)
      .when(claim('ann', 'docs', 'ci'), 1)
      .then(at(1, claimed('ann', 'd', { until: 16 })))
    given(tasks)
      .when(claim('ann', 'docs', 'docs'), 1)
      .then(at(1, claimed('ann', 'a', { until: 16 })))
    given(tasks)
      .when(claim('ann', 'art', 'law'), 1)
      .thenNoReadyTask(['art', 'law'])
  })

  it('skips tasks that are blocked, on hold, finished or not due', () => {
    given(
      at(0, opened(), added('done', 'docs'), added('held', 'docs'), added('need', 'art')),
      at(0, added('blocked', 'docs', { needs: ['need'] }), added('later', 'docs', { notBefore: time(60) })),
      at(1, claimed('ann', 'done', { until: 16 }), completed('ann', 'done', 7), held('held'), added('free', 'docs')),
    )
      .when(claim('bob', 'docs'), 2)
      .then(at(2, claimed('bob', 'free', { until: 17 })))
  })
})

describe('a claim', () => {
  it('has the requested lease, else that of the task, else that of the workspace', () => {
    given(one)
      .when(claim('ann'), 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
    given(at(0, opened(), added('t', 'docs', { leaseMs: 120_000 })))
      .when(claim('ann'), 1)
      .then(at(1, claimed('ann', 't', { until: 3 })))
    given(at(0, opened(), added('t', 'docs', { leaseMs: 120_000 })))
      .when({ ...claim('ann'), leaseMs: 60_000 } as never, 1)
      .then(at(1, claimed('ann', 't', { until: 2 })))
    given(one)
      .when({ ...claim('ann'), leaseMs: null } as never, 1)
      .then(at(1, claimed('ann', 't', { until: null })))
  })

  it('without an end never expires', () => {
    given(at(0, opened(), added('t', 'docs', { leaseMs: null })), at(1, claimed('ann', 't', { until: null })))
      .when(claim('bob'), 1_000_000)
      .thenNoReadyTask([])
  })

  it('returns the task and the token', () => {
    const { decided } = given(two).when(claim('ann'), 1)
    expect(E.isRight(decided) && { taskIds: decided.right.taskIds, seq: decided.right.seq }).toEqual({
      taskIds: ['t'],
      seq: 4,
    })
  })

  it('never gives the same task to two workers', () => {
    let state = buildState(two)
    const claims = ['ann', 'bob', 'ann'].map(worker => {
      const decided = decide(addCommandTime(1, claim(worker)), state)
      if (E.isRight(decided)) state = fold(state, decided.right.events)
      return E.isRight(decided) ? decided.right.taskIds : decided.left.error
    })
    expect(claims).toEqual([['t'], ['u'], 'no_ready_task'])
  })
})

describe('a task whose lease expires', () => {
  const leased = [one, at(0, claimed('ann', 't', { until: 15 }))]

  it('can be claimed at the instant the lease ends, and not a millisecond before', () => {
    given(...leased)
      .when(claim('bob'), 15)
      .then(at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
    given(...leased)
      .when(claim('bob'), 15 - 1 / 60_000)
      .thenNoReadyTask([], { nextAt: time(15) })
  })

  it('stays with its holder while it is renewed', () => {
    given(...leased, at(10, renewed('ann', 't', 3, 25)))
      .when(claim('bob'), 15)
      .thenNoReadyTask([], { nextAt: time(25) })
    given(...leased, at(20, renewed('ann', 't', 3, 35)))
      .when(claim('bob'), 34)
      .thenNoReadyTask([], { nextAt: time(35) })
  })

  it('stays claimable if the clock is set back to before that instant', () => {
    given(...leased, at(16, added('note', 'art')))
      .when(claim('bob', 'docs'), 5)
      .then(at(16, { ...claimed('bob', 't', { attempt: 2, until: 20 }), clock: time(5) }))
  })

  it('stays with its new holder if the clock is set back', () => {
    given(...leased, at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
      .when(claim('ann', 'docs'), 3)
      // Another 15 minutes later, on that clock.
      .thenNoReadyTask(['docs'], { nextAt: time(18) })
  })

  it('can be claimed by another worker even after a claim of another task', () => {
    given(...leased, at(16, added('u', 'docs', { priority: 0 }), claimed('bob', 'u', { until: 31 })))
      .when(claim('cem'), 16)
      .then(at(16, claimed('cem', 't', { attempt: 2, until: 31 })))
  })
})

describe('an expired claim with no attempts left', () => {
  const lastAttemptClaimed = [
    at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs'), added('v', 'art')),
    at(0, claimed('ann', 't', { until: 15 })),
  ]
  const expiryFailure = (taskId: string, token: number) =>
    failed('ann', taskId, token, `the lease expired at ${time(15)} and no attempts are left`)

  it('is recorded as a failure by the next claim', () => {
    given(...lastAttemptClaimed)
      .when(claim('bob', 'docs'), 15)
      .then(at(15, expiryFailure('t', 5), claimed('bob', 'u', { until: 30 })))
  })

  it('is never granted again, and is recorded even if there is nothing else to claim', () => {
    const lastTask = [at(0, opened({ maxAttempts: 1 }), added('t', 'docs')), at(0, claimed('ann', 't', { until: 15 }))]
    const tryClaim = given(...lastTask).when(claim('bob'), 20)
    tryClaim.thenNoReadyTask([])
    tryClaim.thenRecorded(at(20, expiryFailure('t', 3)))
    given(...lastTask)
      .when({ ...claim('bob'), requestId: 'r' }, 20)
      .thenRecorded(at(20, expiryFailure('t', 3)))
    given(...lastTask, at(20, expiryFailure('t', 3)))
      .when(claim('bob'), 20)
      .thenNoReadyTask([])
  })

  it('is not recorded while its kind is paused', () => {
    given(...lastAttemptClaimed, at(15, paused('docs')))
      .when(claim('bob', 'docs'), 20)
      .thenNoReadyTask(['docs'], { paused: ['docs'] })
  })

  it('does not count for the next time, which is in the future', () => {
    given(...lastAttemptClaimed, at(14, claimed('cem', 'u', { until: 29 })))
      .when(claim('bob', 'docs'), 20)
      .thenNoReadyTask(['docs'], { nextAt: time(29) })
  })

  it('is recorded for every such task of the requested kinds, in one decision', () => {
    given(
      at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs'), added('v', 'docs')),
      at(0, claimed('ann', 't'), claimed('ann', 'u')),
    )
      .when(claim('bob'), 15)
      .then(at(15, expiryFailure('t', 5), expiryFailure('u', 6), claimed('bob', 'v', { until: 30 })))
  })

  it('is recorded even if an earlier claim of the kind has already marked it', () => {
    given(...lastAttemptClaimed, at(15, claimed('bob', 'u', { until: 30 })), at(16, added('w', 'docs')))
      .when(claim('cem'), 16)
      .then(at(16, expiryFailure('t', 5), claimed('cem', 'v', { until: 31 })))
  })

  it('can still be completed by its holder', () => {
    given(...lastAttemptClaimed)
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 20)
      .then(at(20, completed('ann', 't', 5)))
  })
})

describe('a task with a due time', () => {
  const dueLater = at(0, opened(), added('t', 'docs', { notBefore: time(30) }))

  it('can be claimed at that instant, and not a millisecond before', () => {
    given(dueLater)
      .when(claim('ann'), 30)
      .then(at(30, claimed('ann', 't', { until: 45 })))
    given(dueLater)
      .when(claim('ann'), 30 - 1 / 60_000)
      .thenNoReadyTask([], { nextAt: time(30) })
  })

  it('waits for its next attempt until then', () => {
    const retrying = [one, at(1, claimed('ann', 't', { until: 16 }), failed('ann', 't', 3, 'flaky', time(5)))]
    given(...retrying)
      .when(claim('bob'), 4)
      .thenNoReadyTask([], { nextAt: time(5) })
    given(...retrying)
      .when(claim('bob'), 5)
      .then(at(5, claimed('bob', 't', { attempt: 2, until: 20 })))
  })

  it('is claimed by priority once it is due', () => {
    given(at(0, opened(), added('t', 'docs'), added('u', 'docs', { priority: 1, notBefore: time(30) })))
      .when(claim('ann'), 30)
      .then(at(30, claimed('ann', 'u', { until: 45 })))
  })

  it('reports the earliest time at which a task can be claimed', () => {
    given(dueLater, at(0, added('u', 'art'), claimed('ann', 'u')))
      .when(claim('bob'), 1)
      .thenNoReadyTask([], { nextAt: time(15) })
  })
})

describe('a kind', () => {
  it('that is paused has no claimable task until it is resumed', () => {
    const pausedLog = [one, at(1, paused('docs', 'the disk is full'))]
    given(...pausedLog)
      .when(claim('ann'), 2)
      .thenNoReadyTask([], { paused: ['docs'] })
    given(...pausedLog, at(3, resumed('docs')))
      .when(claim('ann'), 3)
      .then(at(3, claimed('ann', 't', { until: 18 })))
  })

  it('that is paused does not affect other kinds', () => {
    given(one, at(1, paused('docs'), added('u', 'ci')))
      .when(claim('ann', 'docs', 'ci'), 2)
      .then(at(2, claimed('ann', 'u', { until: 17 })))
  })

  it('has at most as many live claims as its limit, and a free slot at the instant a lease ends', () => {
    const fullLog = [two, at(0, limited('docs', 1), claimed('ann', 't'))]
    given(...fullLog)
      .when(claim('bob'), 1)
      .thenNoReadyTask([], { full: ['docs'], nextAt: time(15) })
    given(...fullLog)
      .when(claim('bob'), 15)
      .then(at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
    given(...fullLog, at(1, completed('ann', 't', 5)))
      .when(claim('bob'), 1)
      .then(at(1, claimed('bob', 'u', { until: 16 })))
    given(...fullLog, at(1, limited('docs', null)))
      .when(claim('bob'), 1)
      .then(at(1, claimed('bob', 'u', { until: 16 })))
  })
})
