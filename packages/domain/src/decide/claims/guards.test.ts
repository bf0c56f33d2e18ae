import { describe, expect, it } from 'vitest'
import {
  added,
  amended,
  at,
  cancelled,
  claimed,
  completed,
  failed,
  held,
  limited,
  opened,
  paused,
  renewed,
  resumed,
  retried,
  buildState,
  time,
  unheld,
  type EventGroups,
} from '../../../testing/decider-specification.ts'
import { type Guard, listGuards } from './guards.ts'

/** The guards of `t` the given minutes after noon, without undefined fields. */
const guardsAtMinute = (minutes: number, ...groups: EventGroups): ReadonlyArray<Guard> => {
  const state = buildState(...groups)
  const task = state.table.get('t')
  if (task === undefined) throw new Error('the log has no task t')
  return JSON.parse(JSON.stringify(listGuards(state, task, time(minutes)))) as ReadonlyArray<Guard>
}

const fresh = at(0, opened(), added('t', 'docs'), added('u', 'docs'))
const leased = [fresh, at(1, claimed('ann', 't', { until: 16 }))]

describe('a task without guards', () => {
  it('is ready and unclaimed, or its lease has expired', () => {
    expect(guardsAtMinute(1, fresh)).toEqual([])
    expect(guardsAtMinute(16, ...leased)).toEqual([])
  })
})

describe('the guard of a finished task', () => {
  it('is that it is done, failed or cancelled, and by which worker; a retry clears it', () => {
    const clears = [{ event: 'retried', taskId: 't' }]
    expect(guardsAtMinute(3, ...leased, at(2, completed('ann', 't', 4)))).toEqual([
      { guard: 'finished', seq: 5, since: time(2), status: 'done', worker: 'ann', clears },
    ])
    expect(guardsAtMinute(3, ...leased, at(2, failed('ann', 't', 4, 'no')))).toEqual([
      { guard: 'finished', seq: 5, since: time(2), status: 'failed', worker: 'ann', reason: 'no', clears },
    ])
    expect(guardsAtMinute(3, ...leased, at(2, cancelled('t', 'not needed')))).toEqual([
      { guard: 'finished', seq: 5, since: time(2), status: 'cancelled', reason: 'not needed', clears },
    ])
  })

  it('does not name a worker who tried before it was cancelled', () => {
    const [guard] = guardsAtMinute(
      3,
      ...leased,
      at(2, failed('ann', 't', 4, 'no', time(9)), cancelled('t', 'not needed')),
    )
    const clears = [{ event: 'retried', taskId: 't' }]
    expect(guard).toEqual({
      guard: 'finished',
      seq: 6,
      since: time(2),
      status: 'cancelled',
      reason: 'not needed',
      clears,
    })
  })

  it('is the only guard', () => {
    expect(
      guardsAtMinute(3, fresh, at(1, amended('t', { needs: ['u'] }), paused('docs')), at(2, cancelled('t'))),
    ).toEqual([
      { guard: 'finished', seq: 6, since: time(2), status: 'cancelled', clears: [{ event: 'retried', taskId: 't' }] },
    ])
  })
})

describe('a hold', () => {
  it('has the reason and the author, and is cleared by unhold', () => {
    expect(guardsAtMinute(2, fresh, at(1, { ...held('t', 'ask the lawyer'), by: 'eve' }))).toEqual([
      {
        guard: 'held',
        seq: 4,
        since: time(1),
        reason: 'ask the lawyer',
        by: 'eve',
        clears: [{ event: 'unheld', taskId: 't' }],
      },
    ])
    expect(guardsAtMinute(2, fresh, at(1, held('t')), at(2, unheld('t')))).toEqual([])
  })
})

describe('a dependency that is not done', () => {
  const withNeeds = at(0, opened(), added('n', 'ci'), added('m', 'ci'), added('t', 'docs', { needs: ['m', 'n', 'm'] }))
  const clearedByCompletion = (need: string) => [{ event: 'completed', taskId: need }]
  const clearedByRetry = (need: string) => [
    { event: 'retried', taskId: need },
    { event: 'amended', taskId: 't' },
  ]
  const needN = { guard: 'need', need: 'n', status: 'ready', seq: 2, since: time(0), clears: clearedByCompletion('n') }

  it('is one guard, in the order in which the task lists them, and is cleared when it is done', () => {
    const needM = {
      guard: 'need',
      need: 'm',
      status: 'ready',
      seq: 3,
      since: time(0),
      clears: clearedByCompletion('m'),
    }
    expect(guardsAtMinute(1, withNeeds)).toEqual([needM, needN])
    expect(guardsAtMinute(1, withNeeds, at(1, claimed('ann', 'm', { until: 16 }), completed('ann', 'm', 5)))).toEqual([
      needN,
    ])
  })

  it('names the worker who has claimed it', () => {
    expect(guardsAtMinute(2, withNeeds, at(1, claimed('ann', 'm', { until: 16 })))[0]).toEqual({
      guard: 'need',
      need: 'm',
      status: 'ready',
      worker: 'ann',
      seq: 5,
      since: time(1),
      clears: clearedByCompletion('m'),
    })
  })

  it('that failed or was cancelled must be retried, or dropped by an amendment', () => {
    const failedNeeds = at(1, claimed('ann', 'm', { until: 16 }), failed('ann', 'm', 5, 'no'), cancelled('n'))
    expect(guardsAtMinute(2, withNeeds, failedNeeds)).toEqual([
      { guard: 'need', need: 'm', status: 'failed', seq: 6, since: time(1), clears: clearedByRetry('m') },
      { guard: 'need', need: 'n', status: 'cancelled', seq: 7, since: time(1), clears: clearedByRetry('n') },
    ])
  })

  it('that was retried has the event of the retry', () => {
    const retriedNeed = at(1, claimed('bob', 'n'), completed('bob', 'n', 5), retried('n'))
    expect(guardsAtMinute(2, withNeeds, retriedNeed)[1]).toEqual({ ...needN, seq: 7, since: time(1) })
  })

  it('that is on hold has the event of the hold', () => {
    expect(guardsAtMinute(2, withNeeds, at(1, held('n', 'ask')))[1]).toEqual({
      guard: 'need',
      need: 'n',
      status: 'blocked',
      seq: 5,
      since: time(1),
      clears: clearedByCompletion('n'),
    })
  })

  it('that waits for another attempt has the event of the failure', () => {
    const waiting = at(1, claimed('ann', 'n', { until: 16 }), failed('ann', 'n', 5, 'no', time(9)))
    expect(guardsAtMinute(2, withNeeds, waiting)[1]).toEqual({ ...needN, seq: 6, since: time(1) })
  })
})

describe('a dependency that was never added, in a log that another program wrote', () => {
  it('is a guard since the task was added, until an amendment drops it', () => {
    const clears = [{ event: 'amended', taskId: 't' }]
    expect(guardsAtMinute(2, at(1, opened(), added('t', 'docs', { needs: ['ghost'] })))).toEqual([
      { guard: 'need', need: 'ghost', status: 'blocked', seq: 2, since: time(1), clears },
    ])
  })
})

describe('a live claim', () => {
  it('names its worker, token and end; the end or a release clears it', () => {
    expect(guardsAtMinute(15, ...leased)).toEqual([
      {
        guard: 'claimed',
        seq: 4,
        since: time(1),
        worker: 'ann',
        token: 4,
        until: time(16),
        clears: [{ at: time(16) }, { event: 'released', taskId: 't' }],
      },
    ])
  })

  it('that was renewed has the event of the last renewal and its old token', () => {
    const [guard] = guardsAtMinute(20, ...leased, at(9, renewed('ann', 't', 4, 24)))
    expect(guard).toMatchObject({ guard: 'claimed', seq: 5, since: time(9), worker: 'ann', token: 4, until: time(24) })
  })

  it('without an end is cleared by a release only', () => {
    expect(guardsAtMinute(9999, fresh, at(1, claimed('ann', 't', { until: null })))).toEqual([
      {
        guard: 'claimed',
        seq: 4,
        since: time(1),
        worker: 'ann',
        token: 4,
        until: null,
        clears: [{ event: 'released', taskId: 't' }],
      },
    ])
  })
})

describe('an expired last lease', () => {
  it('is a guard until an amendment adds an attempt', () => {
    const last = [at(0, opened({ maxAttempts: 1 }), added('t', 'docs')), at(1, claimed('ann', 't', { until: 16 }))]
    expect(guardsAtMinute(16, ...last)).toEqual([
      { guard: 'attempts', seq: 3, since: time(1), attempts: 1, clears: [{ event: 'amended', taskId: 't' }] },
    ])
    expect(guardsAtMinute(16, ...last, at(16, amended('t', { maxAttempts: 2 })))).toEqual([])
  })
})

describe('a due time in the future', () => {
  const clears = [{ at: time(30) }, { event: 'amended', taskId: 't' }]

  it('has the event that added the task', () => {
    const later = at(1, opened(), added('t', 'docs', { notBefore: time(30) }))
    const guard = { guard: 'not_due', waitsFor: 'not_before', until: time(30), seq: 2, since: time(1), clears }
    expect(guardsAtMinute(29, later)).toEqual([guard])
    expect(guardsAtMinute(30, later)).toEqual([])
  })

  it('or the event that amended it', () => {
    const [guard] = guardsAtMinute(29, fresh, at(2, amended('t', { notBefore: time(30) })))
    expect(guard).toMatchObject({
      guard: 'not_due',
      waitsFor: 'not_before',
      until: time(30),
      seq: 4,
      since: time(2),
      clears,
    })
  })

  it('keeps that event if other fields are amended', () => {
    const [guard] = guardsAtMinute(
      29,
      fresh,
      at(2, amended('t', { notBefore: time(30) })),
      at(3, amended('t', { title: 'T' })),
    )
    expect(guard).toMatchObject({ guard: 'not_due', seq: 4, since: time(2) })
  })

  it('or the failure, if it is the time of the next attempt', () => {
    expect(guardsAtMinute(29, ...leased, at(2, failed('ann', 't', 4, 'no', time(30))))).toEqual([
      { guard: 'not_due', waitsFor: 'retry', until: time(30), seq: 5, since: time(2), clears },
    ])
  })
})

describe('a kind', () => {
  it('that is paused has the reason and the author, and is cleared by resume', () => {
    const pausedKind = at(1, { ...paused('docs', 'the disk is full'), by: 'eve' })
    expect(guardsAtMinute(2, fresh, pausedKind)).toEqual([
      {
        guard: 'paused',
        kind: 'docs',
        seq: 4,
        since: time(1),
        reason: 'the disk is full',
        by: 'eve',
        clears: [{ event: 'resumed', kind: 'docs' }],
      },
    ])
    expect(guardsAtMinute(2, fresh, pausedKind, at(2, resumed('docs')))).toEqual([])
  })

  it('that is full has its limit and the end of its first lease', () => {
    const fullKind = at(1, limited('docs', 1), claimed('ann', 'u', { until: 16 }))
    expect(guardsAtMinute(2, fresh, fullKind)).toEqual([
      {
        guard: 'full',
        kind: 'docs',
        seq: 4,
        since: time(1),
        limit: 1,
        until: time(16),
        clears: [{ at: time(16) }, { event: 'limited', kind: 'docs' }],
      },
    ])
    expect(guardsAtMinute(16, fresh, fullKind)).toEqual([])
    expect(guardsAtMinute(2, fresh, fullKind, at(2, limited('docs', 2)))).toEqual([])
  })

  it('that exceeds its limit waits until enough leases have expired', () => {
    const overLimit = [fresh, at(1, claimed('ann', 't', { until: 16 })), at(2, claimed('bob', 'u', { until: 30 }))]
    const [guard] = guardsAtMinute(20, ...overLimit, at(3, limited('docs', 1)))
    expect(guard).toMatchObject({ guard: 'full', until: time(30) })
    const [, before] = guardsAtMinute(4, ...overLimit, at(3, limited('docs', 1)))
    expect(before).toMatchObject({ guard: 'full', until: time(30), clears: [{ at: time(30) }, { event: 'limited' }] })
  })

  it('that is full of claims without an end has no time to wait for', () => {
    expect(guardsAtMinute(2, fresh, at(1, limited('docs', 1), claimed('ann', 'u', { until: null })))).toEqual([
      { guard: 'full', kind: 'docs', seq: 4, since: time(1), limit: 1, clears: [{ event: 'limited', kind: 'docs' }] },
    ])
  })

  it('that is paused and full has the guard paused', () => {
    const both = at(1, limited('docs', 1), claimed('ann', 'u', { until: 16 }), paused('docs'))
    expect(guardsAtMinute(2, fresh, both).map(({ guard }) => guard)).toEqual(['paused'])
  })
})

describe('several guards', () => {
  it('come in order: held, needs, due time, kind', () => {
    const all = at(1, amended('t', { needs: ['u'], notBefore: time(30) }), held('t'), paused('docs'))
    expect(guardsAtMinute(2, fresh, all).map(({ guard, seq }) => [guard, seq])).toEqual([
      ['held', 5],
      ['need', 3],
      ['not_due', 4],
      ['paused', 6],
    ])
  })

  it('have the claim before the due time and the kind', () => {
    const all = at(2, amended('t', { notBefore: time(30) }), limited('docs', 1))
    expect(guardsAtMinute(3, ...leased, all).map(({ guard, seq }) => [guard, seq])).toEqual([
      ['claimed', 4],
      ['not_due', 5],
      ['full', 6],
    ])
  })
})
