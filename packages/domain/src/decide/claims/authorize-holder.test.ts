import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { LeaseHolder } from '../refusal.ts'
import {
  added,
  at,
  claimed,
  completed,
  failed,
  given,
  held,
  opened,
  type UntimedCommand,
  released,
  time,
  unheld,
} from '../../../testing/decider-specification.ts'

type ClaimFields = { readonly worker: string; readonly taskId: string; readonly token?: number }

/** Commands that only a holder may give. */
const holderCommands: ReadonlyArray<readonly [string, (fields: ClaimFields) => UntimedCommand]> = [
  ['renew', fields => ({ command: 'renew', ...fields })],
  ['complete', fields => ({ command: 'complete', ...fields })],
  ['fail', fields => ({ command: 'fail', error: 'no', ...fields })],
  ['release', fields => ({ command: 'release', ...fields })],
]

const fresh = at(0, opened(), added('t', 'docs'))
const leased = [fresh, at(0, claimed('ann', 't', { until: 15 }))]
const claimedByBob = [...leased, at(15, claimed('bob', 't', { attempt: 2, until: 30 }))]
const claimOfBob = {
  worker: 'bob',
  token: 4,
  attempt: 2,
  claimedAt: time(15),
  leaseUntil: time(30),
  leaseSetBy: { seq: 4, time: time(15) },
  lapsed: false as const,
}

const tokenField = (token: number | undefined) => (token === undefined ? {} : { token })

const leaseLost = (worker: string, token: number | undefined, holder: LeaseHolder | undefined, expired = true) =>
  ({ error: 'lease_lost', taskId: 't', holder, credentials: { worker, token }, expired }) as const

describe.each(holderCommands)('who may %s', (_, createCommand) => {
  const annCommand = (more: { token?: number } = {}): UntimedCommand =>
    createCommand({ worker: 'ann', taskId: 't', ...more })

  it('no worker, if the task does not exist', () => {
    given(fresh)
      .when(createCommand({ worker: 'ann', taskId: 'x' }), 1)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('no worker, if the task is not claimed', () => {
    given(fresh).when(annCommand(), 1).thenRefused({ error: 'not_claimed', taskId: 't' })
    given(fresh)
      .when(annCommand({ token: 1 }), 1)
      .thenRefused({ error: 'not_claimed', taskId: 't' })
  })

  it('not a worker who never claimed it: the refusal names the holder', () => {
    given(...claimedByBob)
      .when(createCommand({ worker: 'cem', taskId: 't' }), 16)
      .thenRefused({
        error: 'not_holder',
        taskId: 't',
        claim: claimOfBob,
        credentials: { worker: 'cem', token: undefined },
      })
  })

  it('not its former holder once another worker has claimed it, with or without the token', () => {
    const holder = { worker: 'bob', token: 4, leaseUntil: time(30) }
    for (const token of [undefined, 3])
      given(...claimedByBob)
        .when(annCommand(tokenField(token)), 16)
        .thenRefused(leaseLost('ann', token, holder))
  })

  it('not its former holder even if the new one has finished already', () => {
    const holder = { worker: 'bob', token: 4 }
    given(...claimedByBob, at(20, completed('bob', 't', 4, { pages: 3 })))
      .when(annCommand(), 21)
      .thenRefused(leaseLost('ann', undefined, holder))
    given(...claimedByBob, at(20, failed('bob', 't', 4, 'no')))
      .when(annCommand({ token: 3 }), 21)
      .thenRefused(leaseLost('ann', 3, holder))
    given(...claimedByBob, at(20, released('bob', 't', 4)))
      .when(annCommand(), 21)
      .thenRefused(leaseLost('ann', undefined, holder))
  })

  it('not with a stale token, even by the worker who has claimed it again', () => {
    given(...claimedByBob, at(30, claimed('ann', 't', { attempt: 3, until: 45 })))
      .when(annCommand({ token: 3 }), 31)
      .thenRefused(leaseLost('ann', 3, { worker: 'ann', token: 5, leaseUntil: time(45) }))
  })

  it('not the holder with a token of another task or claim: the refusal names the right one', () => {
    const givenToken5 = given(
      fresh,
      at(0, claimed('ann', 't', { until: 15 })),
      at(1, released('ann', 't', 3)),
      at(2, claimed('ann', 't', { until: 17 })),
    )
    const claim = {
      ...claimOfBob,
      worker: 'ann',
      token: 5,
      attempt: 1,
      claimedAt: time(2),
      leaseUntil: time(17),
      leaseSetBy: { seq: 5, time: time(2) },
    }
    for (const token of [1, 3, 4, 6])
      givenToken5
        .when(annCommand({ token }), 3)
        .thenRefused({ error: 'not_holder', taskId: 't', claim, credentials: { worker: 'ann', token } })
  })

  it('not with the token of another worker: a token is valid only with its worker', () => {
    given(...claimedByBob)
      .when(createCommand({ worker: 'cem', taskId: 't', token: 4 }), 16)
      .thenRefused({ error: 'not_holder', taskId: 't', claim: claimOfBob, credentials: { worker: 'cem', token: 4 } })
  })

  it('not with a token that was never given out', () => {
    given(...claimedByBob)
      .when(createCommand({ worker: 'bob', taskId: 't', token: 5 }), 16)
      .thenRefused({ error: 'not_holder', taskId: 't', claim: claimOfBob, credentials: { worker: 'bob', token: 5 } })
  })

  it('not a late holder whose task is on hold, with or without the token', () => {
    const refusal = { error: 'task_held', taskId: 't', hold: { seq: 4, time: time(20), reason: 'stop' } } as const
    given(...leased, at(20, held('t', 'stop')))
      .when(annCommand(), 21)
      .thenRefused(refusal)
    given(...leased, at(20, held('t', 'stop')))
      .when(annCommand({ token: 3 }), 21)
      .thenRefused(refusal)
  })

  it('not a late holder whose task was on hold, with or without the token', () => {
    for (const token of [undefined, 3])
      given(...leased, at(20, held('t')), at(21, unheld('t')))
        .when(annCommand(tokenField(token)), 22)
        .thenRefused(leaseLost('ann', token, undefined))
  })
})

describe('a worker who ended an attempt, once another worker has claimed the task', () => {
  const fields = { worker: 'ann', taskId: 't' }
  const repeatedCommands: ReadonlyArray<readonly [ReturnType<typeof released>, UntimedCommand]> = [
    [failed('ann', 't', 3, 'no', time(1)), { command: 'fail', error: 'no', ...fields }],
    [released('ann', 't', 3), { command: 'release', ...fields }],
  ]

  it('is refused when repeating the command', () => {
    for (const [endEvent, input] of repeatedCommands) {
      const attempt = endEvent.event === 'released' ? 1 : 2
      const reclaimed = [...leased, at(1, endEvent), at(15, claimed('bob', 't', { attempt, until: 30 }))]
      const claim = { ...claimOfBob, token: 5, attempt, leaseSetBy: { seq: 5, time: time(15) } }
      given(...reclaimed)
        .when(input, 16)
        .thenRefused({ error: 'not_holder', taskId: 't', claim, credentials: { worker: 'ann', token: undefined } })
      given(...reclaimed)
        .when({ ...input, token: 3 } as UntimedCommand, 16)
        .thenRefused(leaseLost('ann', 3, { worker: 'bob', token: 5, leaseUntil: time(30) }, false))
    }
  })
})

describe('of the workers who lost a task one after the other', () => {
  const workers = Array.from({ length: 18 }, (_, i) => `w${i}`)
  const log = [
    at(0, opened({ maxAttempts: 20 }), added('t', 'docs')),
    ...workers.map((worker, i) => at(15 * i, claimed(worker, 't', { attempt: i + 1, until: 15 * (i + 1) }))),
  ]
  const now = 15 * 17 + 1

  it('the last sixteen get lease_lost, and those before them not_holder', () => {
    const errors = workers.map(worker => {
      const { decided } = given(...log).when({ command: 'complete', worker, taskId: 't' }, now)
      return E.isLeft(decided) ? decided.left.error : 'ok'
    })
    expect(errors).toEqual(['not_holder', ...Array<string>(16).fill('lease_lost'), 'ok'])
  })

  it('every one that presents its token gets lease_lost', () => {
    const { decided } = given(...log).when({ command: 'complete', worker: 'w0', taskId: 't', token: 3 }, now)
    expect(E.isLeft(decided) && decided.left.error).toBe('lease_lost')
  })
})

describe('a holder whose lease has expired', () => {
  it('may still complete, fail and release until another worker has claimed the task', () => {
    const fields = { worker: 'ann', taskId: 't', token: 3 }
    given(...leased)
      .when({ command: 'complete', ...fields }, 60)
      .then(at(60, completed('ann', 't', 3)))
    given(...leased)
      .when({ command: 'fail', error: 'late', retryInMs: null, ...fields }, 60)
      .then(at(60, failed('ann', 't', 3, 'late')))
    given(...leased)
      .when({ command: 'release', ...fields }, 60)
      .then(at(60, released('ann', 't', 3)))
  })

  it('may do so even if a claim of another task has marked the lease as expired', () => {
    given(
      at(0, opened(), added('t', 'docs'), added('u', 'docs', { priority: 0, notBefore: time(16) })),
      at(0, claimed('ann', 't')),
      at(16, claimed('bob', 'u', { until: 31 })),
    )
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 17)
      .then(at(17, completed('ann', 't', 4)))
  })

  it('is refused once the expired claim was recorded as the last failure', () => {
    given(
      at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs')),
      at(0, claimed('ann', 't')),
      at(15, failed('ann', 't', 4, 'the lease expired'), claimed('bob', 'u', { until: 30 })),
    )
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 17)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'failed', worker: 'ann' })
  })
})
