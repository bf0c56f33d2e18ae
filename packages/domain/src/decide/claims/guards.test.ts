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
  stateOf,
  time,
  unheld,
} from '../../../testing/decider-specification.ts'
import { type Guard, guardsOf } from './guards.ts'

type Moments = ReadonlyArray<ReturnType<typeof at>>

/** The guards of `t` the given minutes after noon, without undefined fields. */
const guardsAt = (minutes: number, ...moments: Moments): ReadonlyArray<Guard> => {
  const state = stateOf(...moments)
  const task = state.table.get('t')
  if (task === undefined) throw new Error('the log has no task t')
  return JSON.parse(JSON.stringify(guardsOf(state, task, time(minutes)))) as ReadonlyArray<Guard>
}

const fresh = at(0, opened(), added('t', 'docs'), added('u', 'docs'))
const leased = [fresh, at(1, claimed('ann', 't', { until: 16 }))]

describe('a task without guards', () => {
  it('is ready and unclaimed, or its lease has expired', () => {
    expect(guardsAt(1, fresh)).toEqual([])
    expect(guardsAt(16, ...leased)).toEqual([])
  })
})

describe('the guard of a finished task', () => {
  it('is that it is done, failed or cancelled, and by which worker; a retry clears it', () => {
    const clears = [{ event: 'retried', taskId: 't' }]
    expect(guardsAt(3, ...leased, at(2, completed('ann', 't', 4)))).toEqual([
      { guard: 'finished', seq: 5, since: time(2), status: 'done', worker: 'ann', clears },
    ])
    expect(guardsAt(3, ...leased, at(2, failed('ann', 't', 4, 'no')))).toEqual([
      { guard: 'finished', seq: 5, since: time(2), status: 'failed', worker: 'ann', reason: 'no', clears },
    ])
    expect(guardsAt(3, ...leased, at(2, cancelled('t', 'not needed')))).toEqual([
      { guard: 'finished', seq: 5, since: time(2), status: 'cancelled', reason: 'not needed', clears },
    ])
  })

  it('does not name a worker who tried before it was cancelled', () => {
    const [guard] = guardsAt(3, ...leased, at(2, failed('ann', 't', 4, 'no', time(9)), cancelled('t', 'not needed')))
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
    expect(guardsAt(3, fresh, at(1, amended('t', { needs: ['u'] }), paused('docs')), at(2, cancelled('t')))).toEqual([
      { guard: 'finished', seq: 6, since: time(2), status: 'cancelled', clears: [{ event: 'retried', taskId: 't' }] },
    ])
  })
})

describe('a hold', () => {
  it('has the reason and the author, and is cleared by unhold', () => {
    expect(guardsAt(2, fresh, at(1, { ...held('t', 'ask the lawyer'), by: 'eve' }))).toEqual([
      {
        guard: 'held',
        seq: 4,
        since: time(1),
        reason: 'ask the lawyer',
        by: 'eve',
        clears: [{ event: 'unheld', taskId: 't' }],
      },
    ])
    expect(guardsAt(2, fresh, at(1, held('t')), at(2, unheld('t')))).toEqual([])
  })
})

describe('a dependency that is not done', () => {
  const needing = at(0, opened(), added('n', 'ci'), added('m', 'ci'), added('t', 'docs', { needs: ['m', 'n', 'm'] }))
  const completing = (need: string) => [{ event: 'completed', taskId: need }]
  const reviving = (need: string) => [
    { event: 'retried', taskId: need },
    { event: 'amended', taskId: 't' },
  ]
  const ofN = { guard: 'need', need: 'n', status: 'ready', seq: 2, since: time(0), clears: completing('n') }

  it('is one guard, in the order in which the task lists them, and is cleared when it is done', () => {
    const ofM = { guard: 'need', need: 'm', status: 'ready', seq: 3, since: time(0), clears: completing('m') }
    expect(guardsAt(1, needing)).toEqual([ofM, ofN])
    expect(guardsAt(1, needing, at(1, claimed('ann', 'm', { until: 16 }), completed('ann', 'm', 5)))).toEqual([ofN])
  })

  it('names the worker who has claimed it', () => {
    expect(guardsAt(2, needing, at(1, claimed('ann', 'm', { until: 16 })))[0]).toEqual({
      guard: 'need',
      need: 'm',
      status: 'ready',
      worker: 'ann',
      seq: 5,
      since: time(1),
      clears: completing('m'),
    })
  })

  it('that failed or was cancelled must be retried, or dropped by an amendment', () => {
    const ends = at(1, claimed('ann', 'm', { until: 16 }), failed('ann', 'm', 5, 'no'), cancelled('n'))
    expect(guardsAt(2, needing, ends)).toEqual([
      { guard: 'need', need: 'm', status: 'failed', seq: 6, since: time(1), clears: reviving('m') },
      { guard: 'need', need: 'n', status: 'cancelled', seq: 7, since: time(1), clears: reviving('n') },
    ])
  })

  it('that was retried has the event of the retry', () => {
    const again = at(1, claimed('bob', 'n'), completed('bob', 'n', 5), retried('n'))
    expect(guardsAt(2, needing, again)[1]).toEqual({ ...ofN, seq: 7, since: time(1) })
  })

  it('that is on hold has the event of the hold', () => {
    expect(guardsAt(2, needing, at(1, held('n', 'ask')))[1]).toEqual({
      guard: 'need',
      need: 'n',
      status: 'blocked',
      seq: 5,
      since: time(1),
      clears: completing('n'),
    })
  })

  it('that waits for another attempt has the event of the failure', () => {
    const waiting = at(1, claimed('ann', 'n', { until: 16 }), failed('ann', 'n', 5, 'no', time(9)))
    expect(guardsAt(2, needing, waiting)[1]).toEqual({ ...ofN, seq: 6, since: time(1) })
  })
})

describe('a dependency that was never added, in a log that another program wrote', () => {
  it('is a guard since the task was added, until an amendment drops it', () => {
    const clears = [{ event: 'amended', taskId: 't' }]
    expect(guardsAt(2, at(1, opened(), added('t', 'docs', { needs: ['ghost'] })))).toEqual([
      { guard: 'need', need: 'ghost', status: 'blocked', seq: 2, since: time(1), clears },
    ])
  })
})

describe('a live claim', () => {
  it('names its worker, token and end; the end or a release clears it', () => {
    expect(guardsAt(15, ...leased)).toEqual([
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
    const [guard] = guardsAt(20, ...leased, at(9, renewed('ann', 't', 4, 24)))
    expect(guard).toMatchObject({ guard: 'claimed', seq: 5, since: time(9), worker: 'ann', token: 4, until: time(24) })
  })

  it('without an end is cleared by a release only', () => {
    expect(guardsAt(9999, fresh, at(1, claimed('ann', 't', { until: null })))).toEqual([
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
    expect(guardsAt(16, ...last)).toEqual([
      { guard: 'attempts', seq: 3, since: time(1), attempts: 1, clears: [{ event: 'amended', taskId: 't' }] },
    ])
    expect(guardsAt(16, ...last, at(16, amended('t', { maxAttempts: 2 })))).toEqual([])
  })
})

describe('a due time in the future', () => {
  const clears = [{ at: time(30) }, { event: 'amended', taskId: 't' }]

  it('has the event that added the task', () => {
    const later = at(1, opened(), added('t', 'docs', { notBefore: time(30) }))
    const guard = { guard: 'not_due', waitsFor: 'not_before', until: time(30), seq: 2, since: time(1), clears }
    expect(guardsAt(29, later)).toEqual([guard])
    expect(guardsAt(30, later)).toEqual([])
  })

  it('or the event that amended it', () => {
    const [guard] = guardsAt(29, fresh, at(2, amended('t', { notBefore: time(30) })))
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
    const [guard] = guardsAt(
      29,
      fresh,
      at(2, amended('t', { notBefore: time(30) })),
      at(3, amended('t', { title: 'T' })),
    )
    expect(guard).toMatchObject({ guard: 'not_due', seq: 4, since: time(2) })
  })

  it('or the failure, if it is the time of the next attempt', () => {
    expect(guardsAt(29, ...leased, at(2, failed('ann', 't', 4, 'no', time(30))))).toEqual([
      { guard: 'not_due', waitsFor: 'retry', until: time(30), seq: 5, since: time(2), clears },
    ])
  })
})

describe('a kind', () => {
  it('that is paused has the reason and the author, and is cleared by resume', () => {
    const closed = at(1, { ...paused('docs', 'the disk is full'), by: 'eve' })
    expect(guardsAt(2, fresh, closed)).toEqual([
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
    expect(guardsAt(2, fresh, closed, at(2, resumed('docs')))).toEqual([])
  })

  it('that is full has its limit and the end of its first lease', () => {
    const full = at(1, limited('docs', 1), claimed('ann', 'u', { until: 16 }))
    expect(guardsAt(2, fresh, full)).toEqual([
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
    expect(guardsAt(16, fresh, full)).toEqual([])
    expect(guardsAt(2, fresh, full, at(2, limited('docs', 2)))).toEqual([])
  })

  it('that exceeds its limit waits until enough leases have expired', () => {
    const over = [fresh, at(1, claimed('ann', 't', { until: 16 })), at(2, claimed('bob', 'u', { until: 30 }))]
    const [guard] = guardsAt(20, ...over, at(3, limited('docs', 1)))
    expect(guard).toMatchObject({ guard: 'full', until: time(30) })
    const [, before] = guardsAt(4, ...over, at(3, limited('docs', 1)))
    expect(before).toMatchObject({ guard: 'full', until: time(30), clears: [{ at: time(30) }, { event: 'limited' }] })
  })

  it('that is full of claims without an end has no time to wait for', () => {
    expect(guardsAt(2, fresh, at(1, limited('docs', 1), claimed('ann', 'u', { until: null })))).toEqual([
      { guard: 'full', kind: 'docs', seq: 4, since: time(1), limit: 1, clears: [{ event: 'limited', kind: 'docs' }] },
    ])
  })

  it('that is paused and full has the guard paused', () => {
    const both = at(1, limited('docs', 1), claimed('ann', 'u', { until: 16 }), paused('docs'))
    expect(guardsAt(2, fresh, both).map(({ guard }) => guard)).toEqual(['paused'])
  })
})

describe('several guards', () => {
  it('come in order: held, needs, due time, kind', () => {
    const all = at(1, amended('t', { needs: ['u'], notBefore: time(30) }), held('t'), paused('docs'))
    expect(guardsAt(2, fresh, all).map(({ guard, seq }) => [guard, seq])).toEqual([
      ['held', 5],
      ['need', 3],
      ['not_due', 4],
      ['paused', 6],
    ])
  })

  it('have the claim before the due time and the kind', () => {
    const all = at(2, amended('t', { notBefore: time(30) }), limited('docs', 1))
    expect(guardsAt(3, ...leased, all).map(({ guard, seq }) => [guard, seq])).toEqual([
      ['claimed', 4],
      ['not_due', 5],
      ['full', 6],
    ])
  })
})
