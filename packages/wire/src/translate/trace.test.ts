import { describe, expect, it } from 'vitest'
import { isAboutTask } from '@claimlog/domain'
import {
  added,
  at,
  claimed,
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
import { traceView } from './trace.ts'

const trace = (minutes: number, ...groups: EventGroups) => {
  const state = buildState(...groups)
  const task = state.table.get('t')
  if (task === undefined) throw new Error('the log has no task t')
  return traceView(state, task, buildLog(...groups).filter(isAboutTask('t')), time(minutes))
}

const fresh = at(0, opened(), added('t', 'docs'))

describe('the trace of a task', () => {
  it('shows who claimed it when, how long it waited, and that a lease expired before another worker took over', () => {
    const history = trace(
      60,
      fresh,
      at(2, claimed('ann', 't', { until: 17 })),
      at(10, renewed('ann', 't', 3, 25, { pages: 3 }), added('u', 'docs')),
      at(30, claimed('bob', 't', { attempt: 2, until: 45 })),
      at(33, completed('bob', 't', 6, 'ok')),
    )
    expect(history).toEqual({
      taskId: 't',
      kind: 'docs',
      status: 'done',
      steps: [
        { seq: 2, time: time(0), event: 'added' },
        {
          seq: 3,
          time: time(2),
          event: 'claimed',
          worker: 'ann',
          token: 3,
          attempt: 1,
          leaseUntil: time(17),
          phase: 'waiting',
          afterMs: 2 * minuteMs,
        },
        {
          seq: 4,
          time: time(10),
          event: 'renewed',
          worker: 'ann',
          token: 3,
          leaseUntil: time(25),
          progress: { pages: 3 },
          phase: 'running',
          afterMs: 8 * minuteMs,
        },
        { time: time(25), event: 'lapsed', phase: 'running', afterMs: 15 * minuteMs },
        {
          seq: 6,
          time: time(30),
          event: 'claimed',
          worker: 'bob',
          token: 6,
          attempt: 2,
          leaseUntil: time(45),
          phase: 'retrying',
          afterMs: 5 * minuteMs,
        },
        {
          seq: 7,
          time: time(33),
          event: 'completed',
          worker: 'bob',
          token: 6,
          result: 'ok',
          phase: 'running',
          afterMs: 3 * minuteMs,
        },
      ],
      lanes: [
        { lane: 'waiting', from: time(0), until: time(2), ms: 2 * minuteMs, end: 'claimed', endedBy: 'ann' },
        {
          lane: 'running',
          from: time(2),
          until: time(25),
          ms: 23 * minuteMs,
          attempt: 1,
          worker: 'ann',
          token: 3,
          end: 'lapsed',
          takenOverBy: 'bob',
          progress: [{ time: time(10), progress: { pages: 3 } }],
        },
        { lane: 'retrying', from: time(25), until: time(30), ms: 5 * minuteMs, end: 'claimed', endedBy: 'bob' },
        {
          lane: 'running',
          from: time(30),
          until: time(33),
          ms: 3 * minuteMs,
          attempt: 2,
          worker: 'bob',
          token: 6,
          end: 'completed',
        },
      ],
      phase: 'finished',
      waitedMs: 2 * minuteMs,
      ranMs: 26 * minuteMs,
      retryingMs: 5 * minuteMs,
      heldMs: 0,
      seq: 7,
    })
  })

  it('shows the expiry if the task was taken over at the same time', () => {
    const { steps } = trace(
      16,
      fresh,
      at(0, claimed('ann', 't')),
      at(15, claimed('bob', 't', { attempt: 2, until: 30 })),
    )
    expect(steps.map(step => step.event)).toEqual(['added', 'claimed', 'lapsed', 'claimed'])
  })

  it('shows an expiry before the next claim, from the time the lease ends', () => {
    const at15 = trace(15, fresh, at(0, claimed('ann', 't')))
    expect([at15.phase, at15.steps.at(-1)]).toEqual([
      'retrying',
      { time: time(15), event: 'lapsed', phase: 'running', afterMs: 15 * minuteMs },
    ])
    const before = trace(14, fresh, at(0, claimed('ann', 't')))
    expect([before.phase, before.ranMs, before.steps.length]).toEqual(['running', 14 * minuteMs, 2])
    const later = trace(20, fresh, at(0, claimed('ann', 't')))
    expect([later.phase, later.retryingMs, later.ranMs]).toEqual(['retrying', 5 * minuteMs, 15 * minuteMs])
  })

  it('shows how long it was on hold, and why', () => {
    const history = trace(12, fresh, at(1, { ...held('t', 'ask the lawyer'), by: 'eve' }), at(11, unheld('t', 'asked')))
    expect(history.steps.slice(1)).toEqual([
      {
        seq: 3,
        time: time(1),
        event: 'held',
        by: 'eve',
        reason: 'ask the lawyer',
        phase: 'waiting',
        afterMs: minuteMs,
      },
      { seq: 4, time: time(11), event: 'unheld', reason: 'asked', phase: 'held', afterMs: 10 * minuteMs },
    ])
    expect([history.phase, history.heldMs, history.waitedMs]).toEqual(['waiting', 10 * minuteMs, 2 * minuteMs])
  })

  it('shows failures with the time of the next attempt, and releases', () => {
    const history = trace(
      9,
      fresh,
      at(1, claimed('ann', 't', { until: 16 }), failed('ann', 't', 3, 'flaky', time(4))),
      at(4, claimed('bob', 't', { attempt: 2, until: 19 })),
      at(5, released('bob', 't', 5, 'home')),
      at(6, claimed('ann', 't', { attempt: 2, until: 21 })),
      at(8, failed('ann', 't', 7, 'dead', null)),
    )
    expect(
      history.steps.map(({ event, phase, error, retryAt, reason }) => [event, phase, error ?? reason, retryAt]),
    ).toEqual([
      ['added', undefined, undefined, undefined],
      ['claimed', 'waiting', undefined, undefined],
      ['failed', 'running', 'flaky', time(4)],
      ['claimed', 'retrying', undefined, undefined],
      ['released', 'running', 'home', undefined],
      ['claimed', 'waiting', undefined, undefined],
      ['failed', 'running', 'dead', null],
    ])
    expect([history.status, history.phase]).toEqual(['failed', 'finished'])
    expect([history.waitedMs, history.retryingMs, history.ranMs]).toEqual([2 * minuteMs, 3 * minuteMs, 3 * minuteMs])
  })

  it('never counts negative time, even if the clock is behind the log', () => {
    const history = trace(1, fresh, at(5, claimed('ann', 't', { until: 20 })))
    expect([history.waitedMs, history.ranMs, history.phase]).toEqual([5 * minuteMs, 0, 'running'])
  })
})
