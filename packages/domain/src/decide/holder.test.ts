import { describe, it } from 'vitest'
import {
  added,
  at,
  claimed,
  completed,
  failed,
  given,
  held,
  opened,
  type Order,
  released,
  time,
  unheld,
} from '../decider-specification.ts'

type Words = { readonly worker: string; readonly taskId: string; readonly token?: number }

/** What only a holder may say. */
const sayings: ReadonlyArray<readonly [string, (words: Words) => Order]> = [
  ['renew', words => ({ command: 'renew', ...words })],
  ['complete', words => ({ command: 'complete', ...words })],
  ['fail', words => ({ command: 'fail', error: 'no', ...words })],
  ['release', words => ({ command: 'release', ...words })],
]

const fresh = at(0, opened(), added('t', 'docs'))
const leased = [fresh, at(0, claimed('ann', 't', { until: 15 }))]
const takenOver = [...leased, at(15, claimed('bob', 't', { attempt: 2, until: 30 }))]
const claimOfBob = {
  worker: 'bob',
  token: 4,
  attempt: 2,
  claimedAt: time(15),
  leaseUntil: time(30),
  leaseSetBy: { seq: 4, time: time(15) },
  lapsed: false,
}

describe.each(sayings)('who may %s', (_, say) => {
  const ann = (more: { token?: number } = {}): Order => say({ worker: 'ann', taskId: 't', ...more })

  it('nobody, a task that does not exist', () => {
    given(fresh)
      .when(say({ worker: 'ann', taskId: 'x' }), 1)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('nobody, a task that no one has claimed', () => {
    given(fresh).when(ann(), 1).thenRefused({ error: 'not_claimed', taskId: 't' })
    given(fresh)
      .when(ann({ token: 1 }), 1)
      .thenRefused({ error: 'not_claimed', taskId: 't' })
  })

  it('not a worker who never held it: the refusal names the holder', () => {
    given(...takenOver)
      .when(say({ worker: 'cem', taskId: 't' }), 16)
      .thenRefused({ error: 'not_holder', taskId: 't', claim: claimOfBob })
  })

  it('not its former holder once somebody else has claimed it, with or without the token', () => {
    const lost = {
      error: 'lease_lost',
      taskId: 't',
      holder: { worker: 'bob', token: 4, leaseUntil: time(30) },
    } as const
    given(...takenOver)
      .when(ann(), 16)
      .thenRefused(lost)
    given(...takenOver)
      .when(ann({ token: 3 }), 16)
      .thenRefused(lost)
  })

  it('not its former holder when the new one has finished already', () => {
    const lost = { error: 'lease_lost', taskId: 't', holder: { worker: 'bob', token: 4 } } as const
    given(...takenOver, at(20, completed('bob', 't', 4, { pages: 3 })))
      .when(ann(), 21)
      .thenRefused(lost)
    given(...takenOver, at(20, failed('bob', 't', 4, 'no')))
      .when(ann({ token: 3 }), 21)
      .thenRefused(lost)
    given(...takenOver, at(20, released('bob', 't', 4)))
      .when(ann(), 21)
      .thenRefused(lost)
  })

  it('not with a stale token, even by the worker who holds it anew', () => {
    given(...takenOver, at(30, claimed('ann', 't', { attempt: 3, until: 45 })))
      .when(ann({ token: 3 }), 31)
      .thenRefused({ error: 'lease_lost', taskId: 't', holder: { worker: 'ann', token: 5, leaseUntil: time(45) } })
  })

  it('not with the token of another: a token is no key without its worker', () => {
    given(...takenOver)
      .when(say({ worker: 'cem', taskId: 't', token: 4 }), 16)
      .thenRefused({ error: 'not_holder', taskId: 't', claim: claimOfBob })
  })

  it('not with a token that was never given', () => {
    given(...takenOver)
      .when(say({ worker: 'bob', taskId: 't', token: 5 }), 16)
      .thenRefused({ error: 'not_holder', taskId: 't', claim: claimOfBob })
  })

  it('not a late holder whose task a person has put aside, with or without the token', () => {
    const refusal = { error: 'task_held', taskId: 't', hold: { seq: 4, time: time(20), reason: 'stop' } } as const
    given(...leased, at(20, held('t', 'stop')))
      .when(ann(), 21)
      .thenRefused(refusal)
    given(...leased, at(20, held('t', 'stop')))
      .when(ann({ token: 3 }), 21)
      .thenRefused(refusal)
  })

  it('not a late holder whose task was put aside and back, with or without the token', () => {
    const refusal = { error: 'lease_lost', taskId: 't', holder: undefined } as const
    given(...leased, at(20, held('t')), at(21, unheld('t')))
      .when(ann(), 22)
      .thenRefused(refusal)
    given(...leased, at(20, held('t')), at(21, unheld('t')))
      .when(ann({ token: 3 }), 22)
      .thenRefused(refusal)
  })
})

describe('a holder whose lease has ended', () => {
  it('may still complete, fail and release until somebody else has claimed the task', () => {
    const words = { worker: 'ann', taskId: 't', token: 3 }
    given(...leased)
      .when({ command: 'complete', ...words }, 60)
      .then(at(60, completed('ann', 't', 3)))
    given(...leased)
      .when({ command: 'fail', error: 'late', retryInMs: null, ...words }, 60)
      .then(at(60, failed('ann', 't', 3, 'late')))
    given(...leased)
      .when({ command: 'release', ...words }, 60)
      .then(at(60, released('ann', 't', 3)))
  })

  it('may do so though a claim of another task has seen the lease end', () => {
    given(
      at(0, opened(), added('t', 'docs'), added('u', 'docs', { priority: 0, notBefore: time(16) })),
      at(0, claimed('ann', 't')),
      at(16, claimed('bob', 'u', { until: 31 })),
    )
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 17)
      .then(at(17, completed('ann', 't', 4)))
  })

  it('is told so when the lapse was recorded as the last failure', () => {
    given(
      at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs')),
      at(0, claimed('ann', 't')),
      at(15, failed('ann', 't', 4, 'the lease ended'), claimed('bob', 'u', { until: 30 })),
    )
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 17)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'failed', worker: 'ann' })
  })
})
