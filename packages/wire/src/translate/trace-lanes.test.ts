import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { decide, isAboutTask, initialClock } from '@claimlog/domain'
import {
  added,
  at,
  cancelled,
  claim,
  claimed,
  addCommandTime,
  completed,
  failed,
  held,
  buildLog,
  minuteMs,
  opened,
  released,
  renewed,
  buildState,
  time,
  unheld,
  type EventGroups,
} from '@claimlog/domain/testing'
import type { LaneView } from '../documents/trace.ts'
import { traceView } from './trace.ts'

const fresh = at(0, opened(), added('t', 'docs'))
const amended = { event: 'amended', taskId: 't', title: 'new' } as const
const noted = (text: string) => ({ event: 'noted', taskId: 't', text }) as const
const retried = (taskId: string, reason?: string) => ({ event: 'retried', taskId, reason }) as const

/** The lanes of `t` after line 2, at `minutes` after noon; the first waits until it is claimed at noon. */
const listLanes = (minutes: number, ...groups: EventGroups): ReadonlyArray<LaneView> => {
  const all = [fresh, ...groups]
  const state = buildState(...all)
  const task = state.table.get('t')
  if (task === undefined) throw new Error('the log has no task t')
  return traceView(state, task, buildLog(...all).filter(isAboutTask('t')), time(minutes)).lanes
}

/** A lane between two minutes after noon; the last lane lasts until now. */
const lane = (name: LaneView['lane'], from: number, to: number, more: Partial<LaneView> = {}): LaneView => ({
  lane: name,
  from: time(from),
  ...(more.end === undefined ? {} : { until: time(to) }),
  ms: (to - from) * minuteMs,
  ...more,
})

const ann = { attempt: 1, worker: 'ann', token: 3 }
const claimedByAnn = at(0, claimed('ann', 't'))
const annLapsed = lane('running', 0, 15, { ...ann, end: 'lapsed' })

describe('an attempt is a lane', () => {
  it('that lasts until now, though the lease never expires', () => {
    expect(listLanes(9999, at(0, claimed('ann', 't', { until: null })))).toEqual([lane('running', 0, 9999, ann)])
  })

  it('with its progress, and the notes made while it ran', () => {
    const lanes = listLanes(
      9,
      claimedByAnn,
      at(1, renewed('ann', 't', 3, 16, 'half')),
      at(2, { ...noted('slow'), by: 'eve' }, amended),
      at(3, renewed('ann', 't', 3, 18)),
      at(4, renewed('ann', 't', 3, 19, 'all'), noted('fine')),
      at(5, completed('ann', 't', 3)),
    )
    expect(lanes).toEqual([
      lane('running', 0, 5, {
        ...ann,
        end: 'completed',
        progress: [
          { time: time(1), progress: 'half' },
          { time: time(4), progress: 'all' },
        ],
        notes: [
          { time: time(2), text: 'slow', by: 'eve' },
          { time: time(4), text: 'fine' },
        ],
      }),
    ])
  })

  it('that ends with a failure and its error, and the next lane waits for the retry', () => {
    const failedOnce = at(2, failed('ann', 't', 3, 'no disk', time(4)))
    expect(listLanes(3, claimedByAnn, failedOnce)).toEqual([
      lane('running', 0, 2, { ...ann, end: 'failed', error: 'no disk' }),
      lane('retrying', 2, 3, { retryAt: time(4) }),
    ])
    const again = at(5, claimed('ann', 't', { attempt: 2, until: 20 }))
    const forGood = at(6, failed('ann', 't', 5, 'no luck'))
    expect(listLanes(9, claimedByAnn, failedOnce, again, forGood)).toEqual([
      lane('running', 0, 2, { ...ann, end: 'failed', error: 'no disk' }),
      lane('retrying', 2, 5, { retryAt: time(4), end: 'claimed', endedBy: 'ann' }),
      lane('running', 5, 6, { attempt: 2, worker: 'ann', token: 5, end: 'failed', error: 'no luck' }),
    ])
  })

  it('that ends with a release, after which the task waits as before', () => {
    expect(listLanes(4, claimedByAnn, at(2, released('ann', 't', 3, 'lunch')))).toEqual([
      lane('running', 0, 2, { ...ann, end: 'released', endReason: 'lunch' }),
      lane('waiting', 2, 4),
    ])
  })

  it('that another person ends by cancelling the task', () => {
    expect(listLanes(4, claimedByAnn, at(2, { ...cancelled('t', 'old'), by: 'eve' }))).toEqual([
      lane('running', 0, 2, { ...ann, end: 'cancelled', endedBy: 'eve', endReason: 'old' }),
    ])
  })
})

describe('a lease that expired', () => {
  it('ends its lane at that time, for all later views', () => {
    expect(listLanes(14, claimedByAnn)).toEqual([lane('running', 0, 14, ann)])
    expect(listLanes(15, claimedByAnn)).toEqual([annLapsed, lane('retrying', 15, 15)])
    expect(listLanes(17, claimedByAnn)).toEqual([annLapsed, lane('retrying', 15, 17)])
  })

  it('has the worker that took over, even at the same time or with the same name', () => {
    const bobs = { attempt: 2, worker: 'bob', token: 4 }
    expect(listLanes(16, claimedByAnn, at(15, claimed('bob', 't', { attempt: 2, until: 30 })))).toEqual([
      { ...annLapsed, takenOverBy: 'bob' },
      lane('running', 15, 16, bobs),
    ])
    expect(listLanes(19, claimedByAnn, at(18, claimed('ann', 't', { attempt: 2, until: 33 })))).toEqual([
      { ...annLapsed, takenOverBy: 'ann' },
      lane('retrying', 15, 18, { end: 'claimed', endedBy: 'ann' }),
      lane('running', 18, 19, { ...bobs, worker: 'ann' }),
    ])
  })

  it('is followed by the same attempt if its holder renews late, and by no other worker', () => {
    const late = at(17, renewed('ann', 't', 3, 32, 'back'))
    expect(listLanes(33, claimedByAnn, late, at(32, claimed('bob', 't', { attempt: 2, until: 47 })))).toEqual([
      annLapsed,
      lane('retrying', 15, 17, { end: 'renewed', endedBy: 'ann' }),
      lane('running', 17, 32, {
        ...ann,
        end: 'lapsed',
        takenOverBy: 'bob',
        progress: [{ time: time(17), progress: 'back' }],
      }),
      lane('running', 32, 33, { attempt: 2, worker: 'bob', token: 5 }),
    ])
  })

  it.each([
    [completed('ann', 't', 3), { end: 'completed' }],
    [failed('ann', 't', 3, 'no'), { end: 'failed', error: 'no' }],
  ] as const)('can still be finished by its late holder: $event', (event, ending) => {
    expect(listLanes(30, claimedByAnn, at(17, event))).toEqual([
      annLapsed,
      lane('retrying', 15, 17, { ...ending, endedBy: 'ann' }),
    ])
    // At the time of the expiry the lane has no length, but its end is still shown.
    expect(listLanes(30, claimedByAnn, at(15, event))).toEqual([
      annLapsed,
      lane('retrying', 15, 15, { ...ending, endedBy: 'ann' }),
    ])
  })

  it('can still be released, or fail with an attempt left, by a late holder if no other worker claimed it', () => {
    expect(listLanes(18, claimedByAnn, at(17, released('ann', 't', 3, 'home')))).toEqual([
      annLapsed,
      lane('retrying', 15, 17, { end: 'released', endedBy: 'ann', endReason: 'home' }),
      lane('waiting', 17, 18),
    ])
    const failedLate = at(17, failed('ann', 't', 3, 'no', time(18)))
    expect(listLanes(20, claimedByAnn, failedLate, at(19, claimed('bob', 't', { attempt: 2, until: 34 })))).toEqual([
      annLapsed,
      lane('retrying', 15, 17, { end: 'failed', endedBy: 'ann', error: 'no' }),
      lane('retrying', 17, 19, { retryAt: time(18), end: 'claimed', endedBy: 'bob' }),
      lane('running', 19, 20, { attempt: 2, worker: 'bob', token: 5 }),
    ])
  })

  it('before the task was imported is shown at the import', () => {
    expect(listLanes(9, at(5, claimed('ann', 't', { until: 2 })))).toEqual([
      lane('waiting', 0, 5, { end: 'claimed', endedBy: 'ann' }),
      lane('running', 5, 5, { ...ann, end: 'lapsed' }),
      lane('retrying', 5, 9),
    ])
  })

  // The first versions wrote "ended", and their logs are still read.
  it.each(['expired', 'ended'])('with no attempts left is recorded as failed without a name (%s)', word => {
    const error = `the lease ${word} at ${time(15)} and no attempts are left`
    expect(listLanes(20, claimedByAnn, at(20, { ...failed('ann', 't', 3, error), by: 'bob' }))).toEqual([
      annLapsed,
      lane('retrying', 15, 20, { end: 'failed', error }),
    ])
  })

  it('with no attempts left is recorded as failed by the next claim of its kind, without a name', () => {
    const before = [
      at(0, opened({ maxAttempts: 1 }), added('t', 'docs')),
      claimedByAnn,
      at(1, added('u', 'docs')),
    ] as const
    const decided = decide(addCommandTime(20, claim('bob', 'docs')), buildState(...before))
    if (E.isLeft(decided)) throw new Error(decided.left.error)
    const log = [...buildLog(...before), ...decided.right.events]
    const task = buildState(...before, decided.right.events).table.get('t')
    if (task === undefined) throw new Error('the log has no task t')
    expect(
      traceView({ seq: log.length, clock: initialClock }, task, log.filter(isAboutTask('t')), time(30)).lanes,
    ).toEqual([
      annLapsed,
      lane('retrying', 15, 20, {
        end: 'failed',
        error: `the lease expired at ${time(15)} and no attempts are left`,
      }),
    ])
  })

  it('is ended by putting the task on hold or cancelling it', () => {
    expect(listLanes(20, claimedByAnn, at(17, { ...held('t', 'legal'), by: 'eve' }))).toEqual([
      annLapsed,
      lane('retrying', 15, 17, { end: 'held', endedBy: 'eve' }),
      lane('held', 17, 20, { by: 'eve', reason: 'legal' }),
    ])
    expect(listLanes(20, claimedByAnn, at(17, cancelled('t', 'old')))).toEqual([
      annLapsed,
      lane('retrying', 15, 17, { end: 'cancelled', endReason: 'old' }),
    ])
  })
})

describe('a task that is not claimed', () => {
  it('waits from the time it was added, even if it is amended', () => {
    expect(listLanes(0)).toEqual([lane('waiting', 0, 0)])
    expect(listLanes(3, at(1, amended), at(2, noted('odd')))).toEqual([
      lane('waiting', 0, 3, { notes: [{ time: time(2), text: 'odd' }] }),
    ])
  })

  it('shows a lane of zero length only if it has notes, a reason, or an end other than a claim', () => {
    expect(listLanes(1, at(0, noted('quick'), claimed('ann', 't')))).toEqual([
      lane('waiting', 0, 0, { end: 'claimed', endedBy: 'ann', notes: [{ time: time(0), text: 'quick' }] }),
      lane('running', 0, 1, { ...ann, token: 4 }),
    ])
    expect(listLanes(1, at(0, cancelled('t'), retried('t', 'oops'), claimed('ann', 't')))).toEqual([
      lane('waiting', 0, 0, { end: 'cancelled' }),
      lane('waiting', 0, 0, { reason: 'oops', end: 'claimed', endedBy: 'ann' }),
      lane('running', 0, 1, { ...ann, token: 5 }),
    ])
    expect(listLanes(1, at(0, cancelled('t')))).toEqual([lane('waiting', 0, 0, { end: 'cancelled' })])
    expect(listLanes(1, at(0, held('t'), unheld('t'), claimed('ann', 't')))).toEqual([
      lane('held', 0, 0, { end: 'unheld' }),
      lane('running', 0, 1, { ...ann, token: 5 }),
    ])
  })

  it('is on hold with the reasons and authors of the hold and its removal', () => {
    const back = { ...unheld('t', 'asked'), by: 'eve' }
    expect(listLanes(12, at(1, { ...held('t', 'legal'), by: 'bob' }), at(11, back))).toEqual([
      lane('waiting', 0, 1, { end: 'held', endedBy: 'bob' }),
      lane('held', 1, 11, { by: 'bob', reason: 'legal', end: 'unheld', endedBy: 'eve', endReason: 'asked' }),
      lane('waiting', 11, 12),
    ])
  })

  it.each([
    ['done', completed('ann', 't', 3), { end: 'completed' }],
    ['failed', failed('ann', 't', 3, 'no'), { end: 'failed', error: 'no' }],
    ['cancelled', cancelled('t'), { end: 'cancelled' }],
  ] as const)('waits again when it is retried, but not while it was %s', (_status, event, ending) => {
    const claimedAgain = at(9, claimed('bob', 't', { until: 24 }))
    expect(
      listLanes(10, claimedByAnn, at(2, event), at(6, noted('hm')), at(8, retried('t', 'again')), claimedAgain),
    ).toEqual([
      lane('running', 0, 2, { ...ann, ...ending }),
      lane('waiting', 8, 9, { reason: 'again', end: 'claimed', endedBy: 'bob' }),
      lane('running', 9, 10, { attempt: 1, worker: 'bob', token: 7 }),
    ])
  })

  it('waits when it is retried after it was cancelled while on hold', () => {
    expect(listLanes(5, at(1, held('t', 'legal')), at(2, cancelled('t')), at(4, retried('t')))).toEqual([
      lane('waiting', 0, 1, { end: 'held' }),
      lane('held', 1, 2, { reason: 'legal', end: 'cancelled' }),
      lane('waiting', 4, 5),
    ])
  })
})
