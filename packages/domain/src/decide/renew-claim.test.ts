import { describe, it } from 'vitest'
import {
  added,
  at,
  claimed,
  completed,
  given,
  minuteMs,
  opened,
  renewed,
  time,
} from '../../testing/decider-specification.ts'

const leased = [at(0, opened(), added('t', 'docs')), at(0, claimed('ann', 't', { until: 15 }))]
const renew = { command: 'renew', worker: 'ann', taskId: 't' } as const

describe('renewing a claim', () => {
  it('extends it from now by the requested lease, else by that of the task or the workspace', () => {
    given(...leased)
      .when(renew, 10)
      .then(at(10, renewed('ann', 't', 3, 25)))
    given(...leased)
      .when({ ...renew, leaseMs: 60 * minuteMs }, 10)
      .then(at(10, renewed('ann', 't', 3, 70)))
    given(at(0, opened(), added('t', 'docs', { leaseMs: 20 * minuteMs })), at(0, claimed('ann', 't', { until: 20 })))
      .when(renew, 10)
      .then(at(10, renewed('ann', 't', 3, 30)))
    given(...leased)
      .when({ ...renew, leaseMs: null }, 10)
      .then(at(10, renewed('ann', 't', 3, null)))
  })

  it('never shortens the lease', () => {
    given(...leased)
      .when({ ...renew, leaseMs: minuteMs }, 10)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(...leased, at(1, renewed('ann', 't', 3, null)))
      .when({ ...renew, leaseMs: minuteMs }, 10)
      .thenNothing({ taskIds: ['t'], seq: 3 })
  })

  it('again at the same time writes nothing', () => {
    given(...leased, at(10, renewed('ann', 't', 3, 25)))
      .when(renew, 10)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(...leased, at(10, renewed('ann', 't', 3, 25)))
      .when(renew, 5)
      .thenNothing({ taskIds: ['t'], seq: 3 })
  })

  it('records the progress even if the lease cannot last longer', () => {
    given(...leased)
      .when({ ...renew, leaseMs: minuteMs, progress: { done: 3, of: 9 } }, 10)
      .then(at(10, renewed('ann', 't', 3, 15, { done: 3, of: 9 })))
  })

  it('again with the same progress, or none, at the same time writes nothing', () => {
    given(...leased, at(10, renewed('ann', 't', 3, 25, { done: 3, of: 9 })))
      .when({ ...renew, progress: { of: 9, done: 3 } }, 10)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(...leased, at(10, renewed('ann', 't', 3, 25, { done: 3, of: 9 })))
      .when(renew, 10)
      .thenNothing({ taskIds: ['t'], seq: 3 })
  })

  it('is allowed after the lease has expired, until another worker has claimed the task', () => {
    given(...leased)
      .when(renew, 60)
      .then(at(60, renewed('ann', 't', 3, 75)))
    given(...leased, at(16, claimed('bob', 't', { attempt: 2, until: 31 })))
      .when(renew, 17)
      .thenRefused({
        error: 'lease_lost',
        taskId: 't',
        holder: { worker: 'bob', token: 4, leaseUntil: time(31) },
        credentials: { worker: 'ann', token: undefined },
        expired: true,
      })
  })

  it('cannot restore a claim that has ended', () => {
    given(...leased, at(1, completed('ann', 't', 3)))
      .when(renew, 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann' })
  })
})
