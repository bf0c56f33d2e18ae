import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  cancelled,
  claim,
  claimed,
  completed,
  failed,
  given,
  held,
  opened,
  retried,
  retry,
  time,
  type EventGroups,
} from '../../testing/decider-specification.ts'

const fresh = at(0, opened(), added('t', 'docs'))
const leased = [fresh, at(0, claimed('ann', 't'))]
const finishes: ReadonlyArray<readonly [string, EventGroups]> = [
  ['done', [...leased, at(1, completed('ann', 't', 3, { pages: 1 }))]],
  ['failed', [...leased, at(1, failed('ann', 't', 3, 'no'))]],
  ['cancelled', [...leased, at(1, cancelled('t', 'not needed'))]],
]

describe.each(finishes)('retrying a task that is %s', (_, finishedLog) => {
  it('makes it ready and records the reason and the author', () => {
    given(...finishedLog)
      .when({ ...retry('t', 'the disk is back'), by: 'eve', requestId: 'r' }, 2)
      .then(at(2, { ...retried('t', 'the disk is back'), by: 'eve', requestId: 'r' }))
  })

  it('counts its attempts from 0', () => {
    given(...finishedLog, at(2, retried('t')))
      .when(claim('bob'), 3)
      .then(at(3, claimed('bob', 't', { attempt: 1, until: 18 })))
  })

  it('gives it to no worker: its former holder must claim it again', () => {
    const { decided } = given(...finishedLog, at(2, retried('t'))).when(
      { command: 'complete', worker: 'ann', taskId: 't', token: 3 },
      3,
    )
    expect(E.isLeft(decided) && ['not_claimed', 'lease_lost'].includes(decided.left.error)).toBe(true)
  })

  it('again writes nothing', () => {
    given(...finishedLog, at(2, retried('t'), added('u', 'docs')))
      .when(retry('t'), 3)
      .thenNothing({ taskIds: ['t'], seq: 6 })
  })
})

describe('retrying a task', () => {
  it('that is open writes nothing: ready, claimed, on hold or waiting for its next attempt', () => {
    given(fresh)
      .when(retry('t'), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
    given(...leased)
      .when(retry('t'), 1)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(fresh, at(1, held('t')))
      .when(retry('t'), 1)
      .thenNothing({ taskIds: ['t'], seq: 3 })
    given(...leased, at(1, failed('ann', 't', 3, 'no', time(9))))
      .when(retry('t'), 1)
      .thenNothing({ taskIds: ['t'], seq: 4 })
  })

  it('is refused for an unknown task', () => {
    given(fresh).when(retry('x'), 1).thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('makes it wait for its due time, but not for the backoff of its last failure', () => {
    const later = at(0, opened(), added('t', 'docs', { notBefore: time(30) }))
    given(later, at(1, cancelled('t')), at(2, retried('t')))
      .when(claim('ann'), 29)
      .thenNoReadyTask([], { nextAt: time(30) })
    given(...leased, at(1, failed('ann', 't', 3, 'no', time(60))), at(2, cancelled('t'), retried('t')))
      .when(claim('bob'), 2)
      .then(at(2, claimed('bob', 't', { until: 17 })))
  })

  it('gives it all its attempts again: the first that fails is not the last', () => {
    given(
      at(0, opened({ maxAttempts: 2 }), added('t', 'docs')),
      at(0, claimed('ann', 't'), failed('ann', 't', 3, 'no', time(1))),
      at(1, claimed('ann', 't', { attempt: 2, until: 16 }), failed('ann', 't', 5, 'no'), retried('t')),
      at(1, claimed('ann', 't', { until: 16 })),
    )
      .when({ command: 'fail', worker: 'ann', taskId: 't', error: 'no', retryInMs: 60_000 }, 2)
      .then(at(2, failed('ann', 't', 8, 'no', time(3))))
  })

  it('keeps its position in the order, by priority and age', () => {
    given(fresh, at(0, added('u', 'docs'), cancelled('t')), at(5, retried('t')))
      .when(claim('ann'), 6)
      .then(at(6, claimed('ann', 't', { until: 21 })))
  })
})
