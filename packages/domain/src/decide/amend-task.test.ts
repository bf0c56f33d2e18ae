import { describe, expect, it } from 'vitest'
import {
  added,
  amend,
  amended,
  at,
  cancelled,
  claim,
  claimed,
  claimById,
  completed,
  failed,
  given,
  minuteMs,
  opened,
  released,
  buildState,
  time,
} from '../../testing/decider-specification.ts'

const fresh = at(0, opened(), added('t', 'docs', { title: 'Inspect', tags: ['a'] }), added('u', 'docs'))
const leased = [fresh, at(0, claimed('ann', 't'))]
const claimOfAnn = {
  worker: 'ann',
  token: 4,
  attempt: 1,
  claimedAt: time(0),
  leaseUntil: time(15),
  leaseSetBy: { seq: 4, time: time(0) },
  lapsed: false as const,
}

describe('amending a task', () => {
  it('records each given field and the author', () => {
    const changes = {
      kind: 'ci',
      title: 'Inspect it',
      payload: { path: ['docs', 1, null] },
      needs: ['u'],
      priority: 0,
      notBefore: time(60),
      maxAttempts: 1,
      backoff: { firstMs: 5, maxMs: 50 },
      leaseMs: null,
      tags: [],
    }
    given(fresh)
      .when({ ...amend('t', changes), by: 'eve', requestId: 'r' }, 1)
      .then(at(1, amended('t', { ...changes, by: 'eve', requestId: 'r' })))
  })

  it('leaves out fields that do not change', () => {
    given(fresh)
      .when(amend('t', { kind: 'docs', title: 'Inspect', tags: ['a', 'b'] }), 1)
      .then(at(1, amended('t', { tags: ['a', 'b'] })))
  })

  it('writes nothing if no field changes', () => {
    given(fresh)
      .when(amend('t', { kind: 'docs', title: 'Inspect', tags: ['a'] }), 1)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(fresh)
      .when(amend('t', {}), 1)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(fresh, at(1, amended('t', { priority: 0 })))
      .when(amend('t', { priority: 0 }), 2)
      .thenNothing({ taskIds: ['t'], seq: 4 })
  })

  it('leaves all other fields as they are', () => {
    const state = buildState(fresh, at(1, amended('t', { priority: 0 })))
    const spec = JSON.parse(JSON.stringify(state.table.get('t')?.spec)) as unknown
    expect(spec).toEqual({ title: 'Inspect', tags: ['a'], priority: 0 })
  })

  it('is refused for an unknown task', () => {
    given(fresh)
      .when(amend('x', { priority: 0 }), 1)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('is possible once it is finished, and does not retry it', () => {
    const finished = [...leased, at(1, completed('ann', 't', 4), cancelled('u'))]
    given(...finished)
      .when(amend('t', { title: 'Was inspected', maxAttempts: 1, kind: 'ci' }), 2)
      .then(at(2, amended('t', { title: 'Was inspected', maxAttempts: 1, kind: 'ci' })))
    given(...finished, at(2, amended('t', { priority: 0 }), amended('u', { priority: 0 })))
      .when(claim('bob'), 3)
      .thenNoReadyTask([])
  })

  it('changes the kind and priority from the next claim on', () => {
    given(fresh, at(1, amended('u', { priority: 4 })))
      .when(claim('ann', 'docs'), 2)
      .then(at(2, claimed('ann', 'u', { until: 17 })))
    given(fresh, at(1, amended('t', { kind: 'ci' })))
      .when(claim('ann', 'docs'), 2)
      .then(at(2, claimed('ann', 'u', { until: 17 })))
    given(fresh, at(1, amended('t', { kind: 'ci' })))
      .when(claim('ann', 'ci'), 2)
      .then(at(2, claimed('ann', 't', { until: 17 })))
  })
})

describe('amending a claimed task', () => {
  it('cannot change the kind until the instant the lease ends', () => {
    given(...leased)
      .when(amend('t', { kind: 'ci' }), 14)
      .thenRefused({ error: 'already_claimed', taskId: 't', claim: claimOfAnn })
    given(...leased)
      .when(amend('t', { kind: 'ci' }), 15)
      .then(at(15, amended('t', { kind: 'ci' })))
  })

  it('cannot add dependencies that block it until the instant the lease ends', () => {
    given(...leased)
      .when(amend('t', { needs: ['u'] }), 14)
      .thenRefused({ error: 'already_claimed', taskId: 't', claim: claimOfAnn })
    given(...leased)
      .when(amend('t', { needs: ['u'] }), 15)
      .then(at(15, amended('t', { needs: ['u'] })))
  })

  it('drops an expired claim if the dependencies block the task', () => {
    given(...leased, at(15, amended('t', { needs: ['u'] })))
      .when({ command: 'complete', worker: 'ann', taskId: 't', token: 4 }, 16)
      .thenRefused({
        error: 'lease_lost',
        taskId: 't',
        holder: undefined,
        credentials: { worker: 'ann', token: 4 },
        expired: true,
      })
  })

  it('cannot block it after its last lease has expired: the next claim records its failure', () => {
    given(at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs')), at(0, claimed('ann', 't')))
      .when(amend('t', { needs: ['u'] }), 15)
      .thenRefused({ error: 'attempts_used_up', taskId: 't', attempts: 1 })
  })

  it('can change everything else, and add dependencies that are done', () => {
    given(...leased)
      .when(amend('t', { priority: 0, title: 'Look', leaseMs: minuteMs, notBefore: time(60) }), 1)
      .then(at(1, amended('t', { priority: 0, title: 'Look', leaseMs: minuteMs, notBefore: time(60) })))
    given(
      at(0, opened(), added('u', 'docs'), claimed('bob', 'u'), completed('bob', 'u', 3)),
      at(0, added('t', 'docs'), claimed('ann', 't')),
    )
      .when(amend('t', { needs: ['u'] }), 1)
      .then(at(1, amended('t', { needs: ['u'] })))
  })

  it('applies a later due time once the claim has ended', () => {
    const notDue = [...leased, at(1, amended('t', { notBefore: time(60) }))]
    given(...notDue)
      .when(claimById('bob', 't'), 20)
      .thenRefused({ error: 'not_due', taskId: 't', dueAt: time(60) })
    given(...notDue, at(2, released('ann', 't', 4)))
      .when(claimById('bob', 't'), 59)
      .thenRefused({ error: 'not_due', taskId: 't', dueAt: time(60) })
    given(...notDue)
      .when(claimById('bob', 't'), 60)
      .then(at(60, claimed('bob', 't', { attempt: 2, until: 75 })))
  })

  it('makes it wait for the later of its due time and its retry', () => {
    const notDue = [...leased, at(1, amended('t', { notBefore: time(60) }))]
    given(...notDue, at(2, failed('ann', 't', 4, 'no', time(5))))
      .when(claimById('bob', 't'), 59)
      .thenRefused({ error: 'not_due', taskId: 't', dueAt: time(60) })
    given(...notDue, at(2, failed('ann', 't', 4, 'no', time(80))))
      .when(claimById('bob', 't'), 79)
      .thenRefused({ error: 'not_due', taskId: 't', dueAt: time(80) })
  })

  it('does not keep an expired claim from being recorded: with no attempts left, the task has failed even if it is not due', () => {
    given(
      at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs')),
      at(0, claimed('ann', 't')),
      at(1, amended('t', { notBefore: time(60) })),
    )
      .when(claim('bob'), 15)
      .then(
        at(15, failed('ann', 't', 4, `the lease expired at ${time(15)} and no attempts are left`)),
        at(15, claimed('bob', 'u', { until: 30 })),
      )
  })
})

describe('the time before which a task must not start', () => {
  it('is the last one given', () => {
    const dueLater = at(0, opened(), added('t', 'docs', { notBefore: time(30) }))
    given(dueLater, at(1, amended('t', { notBefore: time(10) })))
      .when(claim('ann'), 10)
      .then(at(10, claimed('ann', 't', { until: 25 })))
    given(dueLater, at(1, amended('t', { notBefore: time(50) })))
      .when(claim('ann'), 49)
      .thenNoReadyTask([], { nextAt: time(50) })
    given(dueLater, at(40, amended('t', { notBefore: time(50) })))
      .when(claim('ann'), 49)
      .thenNoReadyTask([], { nextAt: time(50) })
  })

  it('replaces the wait for another attempt', () => {
    given(...leased, at(1, failed('ann', 't', 4, 'no', time(60))), at(2, amended('t', { notBefore: time(3) })))
      .when(claimById('bob', 't'), 3)
      .then(at(3, claimed('bob', 't', { attempt: 2, until: 18 })))
  })
})

describe('the attempts that a task has', () => {
  const claimedAgain = [
    at(0, opened(), added('t', 'docs')),
    at(0, claimed('ann', 't'), failed('ann', 't', 3, 'no', time(1))),
    at(1, claimed('bob', 't', { attempt: 2, until: 16 })),
  ]

  it('are never fewer than those made', () => {
    given(...claimedAgain)
      .when(amend('t', { maxAttempts: 1 }), 2)
      .thenRefused({ error: 'attempts_used_up', taskId: 't', attempts: 2 })
  })

  it('may equal those made while the last one is running, which is then the last', () => {
    given(...claimedAgain)
      .when(amend('t', { maxAttempts: 2 }), 2)
      .then(at(2, amended('t', { maxAttempts: 2 })))
    given(...claimedAgain, at(2, amended('t', { maxAttempts: 2 })))
      .when({ command: 'fail', worker: 'bob', taskId: 't', error: 'no' }, 3)
      .then(at(3, failed('bob', 't', 5, 'no', null)))
  })

  it('are more than those made if there is no live claim', () => {
    const refusal = { error: 'attempts_used_up', taskId: 't', attempts: 2 } as const
    given(...claimedAgain, at(3, failed('bob', 't', 5, 'no', time(4))))
      .when(amend('t', { maxAttempts: 2 }), 5)
      .thenRefused(refusal)
    given(...claimedAgain)
      .when(amend('t', { maxAttempts: 2 }), 16)
      .thenRefused(refusal)
  })

  it('may be raised: a task whose last lease has expired can be claimed again', () => {
    given(
      at(0, opened({ maxAttempts: 1 }), added('t', 'docs')),
      at(0, claimed('ann', 't')),
      at(20, amended('t', { maxAttempts: 2 })),
    )
      .when(claim('bob'), 20)
      .then(at(20, claimed('bob', 't', { attempt: 2, until: 35 })))
  })
})

describe('a field without a value', () => {
  it('has a default: amending the priority, the attempts or a list to its default writes nothing', () => {
    given(at(0, opened({ maxAttempts: 4 }), added('t', 'docs')))
      .when(amend('t', { priority: 5, maxAttempts: 4, needs: [], tags: [] }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })
})

describe('a delay', () => {
  it('counts from the time of the command, and a given time has precedence', () => {
    given(fresh)
      .when(amend('t', { delayMs: 2 * minuteMs }), 1)
      .then(at(1, amended('t', { notBefore: time(3) })))
    given(fresh)
      .when(amend('t', { delayMs: 2 * minuteMs, notBefore: time(9) }), 1)
      .then(at(1, amended('t', { notBefore: time(9) })))
  })

  it('may be zero: a task that waits for its next attempt can be claimed', () => {
    const waiting = at(0, claimed('ann', 't'), failed('ann', 't', 4, 'no', time(30)))
    given(fresh, waiting, at(1, amended('t', { notBefore: time(1) })))
      .when(claim('bob'), 1)
      .then(at(1, claimed('bob', 't', { attempt: 2, until: 16 })))
  })
})

describe('the key of a task', () => {
  it('cannot be amended, as the same add would create a second task; nor can unknown fields', () => {
    const more: object = { key: 'k', seq: 9, status: 'done' }
    given(fresh)
      .when({ ...amend('t', {}), ...more }, 1)
      .thenNothing({ taskIds: ['t'], seq: 3 })
  })
})
