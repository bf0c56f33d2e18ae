import { describe, it } from 'vitest'
import {
  added,
  at,
  cancelled,
  claimed,
  claimById,
  completed,
  failed,
  given,
  held,
  limited,
  opened,
  type UntimedCommand,
  paused,
  time,
} from '../../../testing/decider-specification.ts'

const one = at(0, opened(), added('t', 'docs'), added('u', 'docs', { priority: 0 }))

describe('claiming a task by its id', () => {
  it('claims it even if other tasks come first in order', () => {
    given(one)
      .when(claimById('ann', 't'), 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
  })

  it('again by its holder writes nothing and returns the token', () => {
    given(one, at(1, claimed('ann', 't', { until: 16 })))
      .when(claimById('ann', 't'), 2)
      .thenNothing({ taskIds: ['t'], seq: 4 })
  })

  it('again after the lease has expired is the next attempt', () => {
    given(one, at(0, claimed('ann', 't')))
      .when(claimById('ann', 't'), 15)
      .then(at(15, claimed('ann', 't', { attempt: 2, until: 30 })))
  })

  it('refuses an unknown task', () => {
    given(one).when(claimById('ann', 'x'), 1).thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('refuses a task that another worker has claimed, until the instant that lease ends', () => {
    const claimOfAnn = {
      worker: 'ann',
      token: 4,
      attempt: 1,
      claimedAt: time(0),
      leaseUntil: time(15),
      leaseSetBy: { seq: 4, time: time(0) },
      lapsed: false as const,
    }
    const theirs = [one, at(0, claimed('ann', 't'))]
    given(...theirs)
      .when(claimById('bob', 't'), 14)
      .thenRefused({ error: 'already_claimed', taskId: 't', claim: claimOfAnn })
    given(...theirs)
      .when(claimById('bob', 't'), 15)
      .then(at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
  })

  it('refuses a finished task, with the worker who finished it', () => {
    given(one, at(1, claimed('ann', 't', { until: 16 }), completed('ann', 't', 4)))
      .when(claimById('bob', 't'), 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann' })
    given(one, at(1, cancelled('t')))
      .when(claimById('bob', 't'), 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'cancelled' })
  })

  it('refuses a task on hold, with the reason', () => {
    given(one, at(1, held('t', 'ask the lawyer')))
      .when(claimById('ann', 't'), 2)
      .thenRefused({ error: 'task_held', taskId: 't', hold: { seq: 4, time: time(1), reason: 'ask the lawyer' } })
  })

  it('refuses a blocked task, with its open dependencies', () => {
    given(
      at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('t', 'docs', { needs: ['a', 'b', 'b'] })),
      at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 5)),
    )
      .when(claimById('bob', 't'), 2)
      .thenRefused({ error: 'task_blocked', taskId: 't', needs: ['b'] })
  })

  it('leaves a task blocked whose dependency failed or was cancelled', () => {
    const needing = at(0, opened(), added('a', 'docs'), added('t', 'docs', { needs: ['a'] }))
    const blocked = { error: 'task_blocked', taskId: 't', needs: ['a'] } as const
    given(needing, at(1, claimed('ann', 'a', { until: 16 }), failed('ann', 'a', 4, 'no')))
      .when(claimById('bob', 't'), 2)
      .thenRefused(blocked)
    given(needing, at(1, cancelled('a')))
      .when(claimById('bob', 't'), 2)
      .thenRefused(blocked)
  })

  it('refuses a task that is not due, with its due time', () => {
    const later = at(0, opened(), added('t', 'docs', { notBefore: time(30) }))
    given(later)
      .when(claimById('ann', 't'), 29)
      .thenRefused({ error: 'not_due', taskId: 't', dueAt: time(30) })
    given(later)
      .when(claimById('ann', 't'), 30)
      .then(at(30, claimed('ann', 't', { until: 45 })))
  })

  it('refuses a task whose lease has expired with no attempts left', () => {
    given(at(0, opened(), added('t', 'docs', { maxAttempts: 1 })), at(0, claimed('ann', 't')))
      .when(claimById('bob', 't'), 15)
      .thenRefused({ error: 'attempts_used_up', taskId: 't', attempts: 1 })
  })

  it('refuses a task whose kind is paused or full', () => {
    given(one, at(0, paused('docs', 'night')))
      .when(claimById('ann', 't'), 1)
      .thenRefused({ error: 'kind_paused', kind: 'docs', seq: 4, reason: 'night' })
    given(one, at(0, limited('docs', 1), claimed('ann', 'u')))
      .when(claimById('bob', 't'), 1)
      .thenRefused({ error: 'kind_full', kind: 'docs', limit: 1 })
    given(one, at(0, limited('docs', 1), claimed('ann', 'u')))
      .when(claimById('bob', 't'), 15)
      .then(at(15, claimed('bob', 't', { until: 30 })))
  })

  it('records expired claims of its kind with no attempts left, as any claim does', () => {
    given(at(0, opened({ maxAttempts: 1 }), added('u', 'docs'), added('t', 'docs')), at(0, claimed('ann', 't')))
      .when(claimById('bob', 'u'), 15)
      .then(
        at(15, failed('ann', 't', 4, `the lease expired at ${time(15)} and no attempts are left`)),
        at(15, claimed('bob', 'u', { until: 30 })),
      )
  })

  it('leaves expired claims of other kinds to claims of those kinds', () => {
    given(at(0, opened({ maxAttempts: 1 }), added('u', 'docs'), added('t', 'ci')), at(0, claimed('ann', 't')))
      .when(claimById('bob', 'u'), 15)
      .then(at(15, claimed('bob', 'u', { until: 30 })))
  })

  it('refuses a task of a kind that was not requested, with its kind', () => {
    given(one)
      .when({ ...claimById('ann', 't'), kinds: ['ci', 'art'] } as UntimedCommand, 1)
      .thenRefused({ error: 'bad_input', detail: 't has the kind docs, not ci or art' })
    given(one)
      .when({ ...claimById('ann', 't'), kinds: ['ci', 'docs'] } as UntimedCommand, 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
  })
})
