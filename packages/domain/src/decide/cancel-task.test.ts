import { describe, it } from 'vitest'
import {
  added,
  amended,
  at,
  cancel,
  cancelled,
  claim,
  claimed,
  claimById,
  completed,
  failed,
  given,
  held,
  opened,
  retried,
  time,
} from '../../testing/decider-specification.ts'

const fresh = at(0, opened(), added('t', 'docs'))
const leased = [fresh, at(0, claimed('ann', 't'))]

describe('cancelling a task', () => {
  it('records the reason and the author', () => {
    given(fresh)
      .when({ ...cancel('t', 'not needed'), by: 'eve', requestId: 'r' }, 1)
      .then(at(1, { ...cancelled('t', 'not needed'), by: 'eve', requestId: 'r' }))
    given(fresh, at(1, cancelled('t')))
      .when(claim('ann'), 2)
      .thenNoReadyTask([])
  })

  it('is possible while it is blocked, not due or on hold', () => {
    given(fresh, at(0, added('u', 'docs', { needs: ['t'] })))
      .when(cancel('u'), 1)
      .then(at(1, cancelled('u')))
    given(fresh, at(0, amended('t', { notBefore: time(60) })))
      .when(cancel('t'), 1)
      .then(at(1, cancelled('t')))
    given(fresh, at(0, held('t')))
      .when(cancel('t'), 1)
      .then(at(1, cancelled('t')))
  })

  it('removes the hold: after a retry it is ready', () => {
    given(fresh, at(1, held('t', 'ask'), cancelled('t'), retried('t')))
      .when(claim('ann'), 2)
      .then(at(2, claimed('ann', 't', { until: 17 })))
  })

  it('ends the claim of its holder, who is refused from then on', () => {
    given(...leased)
      .when(cancel('t'), 1)
      .then(at(1, cancelled('t')))
    for (const token of [undefined, 3])
      for (const input of [
        { command: 'renew' },
        { command: 'complete' },
        { command: 'fail', error: 'no' },
        { command: 'release' },
      ] as const)
        given(...leased, at(1, cancelled('t')))
          .when({ ...input, worker: 'ann', taskId: 't', token }, 2)
          .thenRefused({ error: 'task_finished', taskId: 't', status: 'cancelled' })
  })

  it('frees a slot under the limit of its kind', () => {
    given(
      fresh,
      at(0, added('u', 'docs'), { event: 'limited', kind: 'docs', limit: 1 }, claimed('ann', 't'), cancelled('t')),
    )
      .when(claim('bob'), 1)
      .then(at(1, claimed('bob', 'u', { until: 16 })))
  })

  it('again writes nothing', () => {
    given(fresh, at(1, cancelled('t', 'not needed'), added('u', 'docs')))
      .when(cancel('t', 'other words'), 2)
      .thenNothing({ taskIds: ['t'], seq: 3 })
  })

  it('is refused once it is done or failed, with the worker', () => {
    given(...leased, at(1, completed('ann', 't', 3)))
      .when(cancel('t'), 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'done', worker: 'ann' })
    given(...leased, at(1, failed('ann', 't', 3, 'no')))
      .when(cancel('t'), 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'failed', worker: 'ann' })
  })

  it('is refused for an unknown task', () => {
    given(fresh).when(cancel('x'), 1).thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('keeps it from being put on hold, even if it was never claimed', () => {
    given(fresh, at(1, cancelled('t')))
      .when({ command: 'hold', taskId: 't' }, 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'cancelled' })
  })

  it('cannot be undone by unhold, nor can the task be claimed by id', () => {
    given(fresh, at(1, held('t'), cancelled('t')))
      .when({ command: 'unhold', taskId: 't' }, 2)
      .thenNothing({ taskIds: ['t'], seq: 4 })
    given(fresh, at(1, cancelled('t')))
      .when(claimById('ann', 't'), 2)
      .thenRefused({ error: 'task_finished', taskId: 't', status: 'cancelled' })
  })
})
