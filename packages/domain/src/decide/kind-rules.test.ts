import { describe, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  claimById,
  completed,
  given,
  limit,
  limited,
  opened,
  pause,
  paused,
  renewed,
  resume,
  resumed,
  time,
} from '../../testing/decider-specification.ts'

const fresh = at(0, opened(), added('t', 'docs'), added('u', 'docs'), added('v', 'ci'))

describe('pausing a kind', () => {
  it('records the reason and the author', () => {
    given(fresh)
      .when({ ...pause('docs', 'the disk is full'), by: 'eve', requestId: 'r' }, 1)
      .then(at(1, { ...paused('docs', 'the disk is full'), by: 'eve', requestId: 'r' }))
  })

  it('again writes nothing: the first reason stays', () => {
    given(fresh, at(1, paused('docs', 'the disk is full'), paused('ci')))
      .when(pause('docs', 'other words'), 2)
      .thenNothing({ taskIds: [], seq: 5, kind: 'docs' })
  })

  it('is possible before there is any task of it', () => {
    given(fresh)
      .when(pause('art'), 1)
      .then(at(1, paused('art')))
    given(fresh, at(1, paused('art'), added('a', 'art')))
      .when(claim('ann', 'art'), 2)
      .thenNoReadyTask(['art'], { paused: ['art'] })
  })

  it('stops new claims and leaves running ones alone', () => {
    const claimedThenPaused = [fresh, at(0, claimed('ann', 't')), at(1, paused('docs'))]
    given(...claimedThenPaused)
      .when(claimById('bob', 'u'), 2)
      .thenRefused({ error: 'kind_paused', kind: 'docs', seq: 6 })
    given(...claimedThenPaused)
      .when({ command: 'renew', worker: 'ann', taskId: 't' }, 2)
      .then(at(2, renewed('ann', 't', 5, 17)))
    given(...claimedThenPaused)
      .when({ command: 'renew', worker: 'ann', taskId: 't' }, 20)
      .then(at(20, renewed('ann', 't', 5, 35)))
    given(...claimedThenPaused)
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 2)
      .then(at(2, completed('ann', 't', 5)))
  })

  it('lets a worker claim again the task that it has', () => {
    given(fresh, at(0, claimed('ann', 't')), at(1, paused('docs')))
      .when(claimById('ann', 't'), 2)
      .thenNothing({ taskIds: ['t'], seq: 5 })
  })
})

describe('resuming a kind', () => {
  it('allows claims again', () => {
    given(fresh, at(1, paused('docs')))
      .when({ ...resume('docs', 'space again'), by: 'eve', requestId: 'r' }, 2)
      .then(at(2, { ...resumed('docs', 'space again'), by: 'eve', requestId: 'r' }))
    given(fresh, at(1, paused('docs')), at(2, resumed('docs')))
      .when(claim('ann', 'docs'), 3)
      .then(at(3, claimed('ann', 't', { until: 18 })))
  })

  it('that is not paused writes nothing', () => {
    given(fresh).when(resume('docs'), 1).thenNothing({ taskIds: [], seq: 4, kind: 'docs' })
    given(fresh, at(1, paused('docs'), resumed('docs')))
      .when(resume('docs'), 2)
      .thenNothing({ taskIds: [], seq: 6, kind: 'docs' })
  })

  it('leaves its limit and other kinds as they were', () => {
    given(
      fresh,
      at(1, limited('docs', 1), paused('docs'), paused('ci'), claimed('ann', 't', { until: 16 })),
      at(2, resumed('docs')),
    )
      .when(claim('bob'), 3)
      .thenNoReadyTask([], { paused: ['ci'], full: ['docs'], nextAt: time(16) })
  })
})

describe('limiting a kind', () => {
  it('records how many of its tasks may be claimed at once, null for any number', () => {
    given(fresh)
      .when({ ...limit('docs', 2), by: 'eve', requestId: 'r' }, 1)
      .then(at(1, { ...limited('docs', 2), by: 'eve', requestId: 'r' }))
    given(fresh, at(1, limited('docs', 2)))
      .when(limit('docs', 1), 2)
      .then(at(2, limited('docs', 1)))
    given(fresh, at(1, limited('docs', 2)))
      .when(limit('docs', null), 2)
      .then(at(2, limited('docs', null)))
  })

  it('to the limit it has writes nothing', () => {
    given(fresh, at(1, limited('docs', 2), limited('ci', 1)))
      .when(limit('docs', 2), 2)
      .thenNothing({ taskIds: [], seq: 5, kind: 'docs' })
    given(fresh).when(limit('docs', null), 1).thenNothing({ taskIds: [], seq: 4, kind: 'docs' })
  })

  it('to 0 is refused: that would be a pause', () => {
    given(fresh)
      .when(limit('docs', 0), 1)
      .thenRefused({
        error: 'bad_input',
        detail: [{ field: 'limit', problem: 'must be a whole number from 1 to 1000000' }],
      })
  })

  it('below the current claims ends none of them, and allows no new one until there are fewer', () => {
    const two = [fresh, at(0, claimed('ann', 't'), claimed('bob', 'u'), added('w', 'docs')), at(1, limited('docs', 1))]
    given(...two)
      .when({ command: 'renew', worker: 'ann', taskId: 't' }, 2)
      .then(at(2, renewed('ann', 't', 5, 17)))
    given(...two, at(2, completed('ann', 't', 5)))
      .when(claim('cem', 'docs'), 3)
      .thenNoReadyTask(['docs'], { full: ['docs'], nextAt: time(15) })
    given(...two, at(2, completed('ann', 't', 5), completed('bob', 'u', 6)))
      .when(claim('cem', 'docs'), 3)
      .then(at(3, claimed('cem', 'w', { until: 18 })))
  })

  it('does not count expired claims, nor those of another kind', () => {
    given(fresh, at(0, limited('docs', 1), claimed('ann', 'v'), claimed('ann', 't')))
      .when(claim('bob', 'docs'), 15)
      .then(at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
    given(fresh, at(0, limited('docs', 1), claimed('ann', 'v')))
      .when(claim('bob', 'docs'), 1)
      .then(at(1, claimed('bob', 't', { until: 16 })))
  })

  it('counts a claim without an end until it is released', () => {
    given(fresh, at(0, limited('docs', 1), claimed('ann', 't', { until: null })))
      .when(claim('bob', 'docs'), 10_000)
      .thenNoReadyTask(['docs'], { full: ['docs'] })
  })
})

describe('renewing an expired lease of a kind with a limit', () => {
  const renew = { command: 'renew', worker: 'ann', taskId: 't' } as const
  const ended = [fresh, at(0, limited('docs', 1), claimed('ann', 't'))]

  it('is refused if other claims have filled the kind since', () => {
    given(...ended, at(15, claimed('bob', 'u', { until: 30 })))
      .when(renew, 16)
      .thenRefused({ error: 'kind_full', kind: 'docs', limit: 1 })
  })

  it('is possible while there is a free slot, and once there is one again', () => {
    given(...ended)
      .when(renew, 15)
      .then(at(15, renewed('ann', 't', 6, 30)))
    given(...ended, at(15, claimed('bob', 'u', { until: 30 })))
      .when(renew, 30)
      .then(at(30, renewed('ann', 't', 6, 45)))
  })

  it('is never refused before the lease ends, even over the limit', () => {
    given(fresh, at(0, claimed('ann', 't'), claimed('bob', 'u'), limited('docs', 1)))
      .when(renew, 14)
      .then(at(14, renewed('ann', 't', 5, 29)))
  })

  it('may be refused although the claim can still be ended', () => {
    given(...ended, at(15, claimed('bob', 'u', { until: 30 })))
      .when({ command: 'complete', worker: 'ann', taskId: 't' }, 16)
      .then(at(16, completed('ann', 't', 6)))
  })

  it('takes a slot again, so that others are refused', () => {
    given(...ended, at(15, renewed('ann', 't', 6, 30)))
      .when(claim('bob', 'docs'), 16)
      .thenNoReadyTask(['docs'], { full: ['docs'], nextAt: time(30) })
  })
})
