import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  added,
  amend,
  amended,
  at,
  cancelled,
  claim,
  claimed,
  claimById,
  addCommandTime,
  completed,
  failed,
  given,
  held,
  opened,
  retried,
  retry,
  buildState,
  time,
} from '../../../testing/decider-specification.ts'
import { fold } from '../../evolve/evolve.ts'
import { scanIndices, dumpIndices } from '../../../testing/table-scan.ts'
import { decide } from '../index.ts'

const withNeeds = at(0, opened(), added('a', 'docs'), added('t', 'ci', { needs: ['a'] }))
const doneA = [withNeeds, at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 4))]
const blocked = { error: 'task_blocked', taskId: 't', needs: ['a'] } as const

describe('a task that depends on another', () => {
  it('is ready when that one is done', () => {
    given(withNeeds).when(claimById('bob', 't'), 1).thenRefused(blocked)
    given(...doneA)
      .when(claim('bob'), 1)
      .then(at(1, claimed('bob', 't', { until: 16 })))
  })

  it('stays blocked when that one fails, is cancelled, or waits for another attempt', () => {
    const failedNeeds = [
      at(1, claimed('ann', 'a', { until: 16 }), failed('ann', 'a', 4, 'no')),
      at(1, claimed('ann', 'a', { until: 16 }), failed('ann', 'a', 4, 'no', time(2))),
      at(1, cancelled('a')),
    ]
    for (const failedNeed of failedNeeds)
      given(withNeeds, failedNeed).when(claimById('bob', 't'), 1).thenRefused(blocked)
  })

  it('is ready once a dependency that failed was retried and done', () => {
    given(withNeeds, at(1, cancelled('a'), retried('a'), claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 6)))
      .when(claim('bob'), 2)
      .then(at(2, claimed('bob', 't', { until: 17 })))
  })

  it('is ready when an amendment drops the dependency', () => {
    given(withNeeds, at(1, cancelled('a'), amended('t', { needs: [] })))
      .when(claim('bob'), 2)
      .then(at(2, claimed('bob', 't', { until: 17 })))
  })

  it('stays blocked until unhold if it is on hold, too', () => {
    given(withNeeds, at(0, held('t')), at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 5)))
      .when(claimById('bob', 't'), 2)
      .thenRefused({ error: 'task_held', taskId: 't', hold: { seq: 4, time: time(0) } })
  })

  it('waits for its due time when the dependency is done', () => {
    given(
      at(0, opened(), added('a', 'docs'), added('t', 'ci', { needs: ['a'], notBefore: time(30) })),
      at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 4)),
    )
      .when(claim('bob'), 29)
      .thenNoReadyTask([], { nextAt: time(30) })
  })
})

describe('dependencies that form a cycle', () => {
  it('are refused even if the cycle is not through the first dependency', () => {
    given(at(0, opened(), added('x', 'docs')))
      .when(add({ taskId: 'a', kind: 'docs', needs: ['x', 'b'] }, { taskId: 'b', kind: 'docs', needs: ['x', 'a'] }), 1)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'b', 'a'] })
    given(at(0, opened(), added('x', 'docs'), added('a', 'docs'), added('b', 'docs', { needs: ['x', 'a'] })))
      .when(amend('a', { needs: ['x', 'b'] }), 1)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'b', 'a'] })
  })
})

describe('retrying a dependency that was done', () => {
  it('blocks its dependents until it is done again', () => {
    given(...doneA, at(2, retried('a')))
      .when(claimById('bob', 't'), 3)
      .thenRefused(blocked)
    given(...doneA, at(2, retried('a'), claimed('ann', 'a', { until: 17 }), completed('ann', 'a', 7)))
      .when(claim('bob'), 3)
      .then(at(3, claimed('bob', 't', { until: 18 })))
  })

  it('is refused with its name while a dependent is claimed, until the instant that lease ends', () => {
    const claimedDependent = [...doneA, at(2, claimed('bob', 't', { until: 17 }))]
    const claimOfBob = { worker: 'bob', token: 6, attempt: 1, claimedAt: time(2), leaseUntil: time(17) }
    given(...claimedDependent)
      .when(retry('a'), 16)
      .thenRefused({
        error: 'already_claimed',
        taskId: 't',
        claim: { ...claimOfBob, leaseSetBy: { seq: 6, time: time(2) }, lapsed: false as const },
        needs: 'a',
      })
    given(...claimedDependent)
      .when(retry('a'), 17)
      .then(at(17, retried('a')))
    given(...claimedDependent, at(17, retried('a')))
      .when({ command: 'complete', worker: 'bob', taskId: 't', token: 6 }, 18)
      .thenRefused({
        error: 'lease_lost',
        taskId: 't',
        holder: undefined,
        credentials: { worker: 'bob', token: 6 },
        expired: true,
      })
  })

  it('records first that a dependent whose last lease has expired has failed', () => {
    const last = [
      at(0, opened({ maxAttempts: 1 }), added('a', 'docs'), added('t', 'ci', { needs: ['a'] })),
      at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 4), claimed('bob', 't', { until: 16 })),
    ]
    given(...last)
      .when({ ...retry('a'), by: 'eve', requestId: 'r' }, 16)
      .then(
        at(16, {
          ...failed('bob', 't', 6, `the lease expired at ${time(16)} and no attempts are left`),
          requestId: 'r',
        }),
        at(16, { ...retried('a'), by: 'eve', requestId: 'r' }),
      )
  })

  it('leaves finished dependents alone', () => {
    const state = buildState(
      ...doneA,
      at(2, claimed('bob', 't', { until: 17 }), completed('bob', 't', 6)),
      at(3, retried('a')),
    )
    expect(state.table.get('t')?.status).toBe('done')
  })

  it('that had failed is never refused: its dependents were blocked already', () => {
    given(withNeeds, at(1, cancelled('a')))
      .when(retry('a'), 2)
      .then(at(2, retried('a')))
  })
})

describe('amended dependencies', () => {
  const three = at(
    0,
    opened(),
    added('a', 'docs'),
    added('b', 'docs', { needs: ['a'] }),
    added('c', 'docs', { needs: ['b'] }),
  )

  it('must exist', () => {
    given(three)
      .when(amend('c', { needs: ['a', 'x'] }), 1)
      .thenRefused({ error: 'unknown_task', taskId: 'x', dependentId: 'c' })
  })

  it('may not close a cycle, which is refused with its path', () => {
    given(three)
      .when(amend('a', { needs: ['c'] }), 1)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'c', 'b', 'a'] })
    given(three)
      .when(amend('b', { needs: ['c'] }), 1)
      .thenRefused({ error: 'needs_cycle', path: ['b', 'c', 'b'] })
  })

  it('may not include the task itself', () => {
    given(three)
      .when(amend('a', { needs: ['a'] }), 1)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'a'] })
  })

  it('may not close a cycle through finished tasks either: they may be retried', () => {
    given(three, at(1, cancelled('b')))
      .when(amend('a', { needs: ['c'] }), 2)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'c', 'b', 'a'] })
  })

  it('may not block a claimed task, even if only one of them is not done', () => {
    const claim = {
      worker: 'cem',
      token: 7,
      attempt: 1,
      claimedAt: time(1),
      leaseUntil: time(16),
      lapsed: false as const,
    }
    given(
      at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('t', 'ci'), claimed('ann', 'a')),
      at(1, completed('ann', 'a', 5), claimed('cem', 't', { until: 16 })),
    )
      .when(amend('t', { needs: ['a', 'b'] }), 2)
      .thenRefused({
        error: 'already_claimed',
        taskId: 't',
        claim: { ...claim, leaseSetBy: { seq: 7, time: time(1) } },
      })
  })

  it('may be reversed once the old direction is dropped', () => {
    given(three, at(1, amended('b', { needs: [] })))
      .when(amend('a', { needs: ['b'] }), 1)
      .then(at(1, amended('a', { needs: ['b'] })))
  })

  it('replace the old ones, which no longer affect the task', () => {
    given(
      three,
      at(1, amended('c', { needs: ['a'] })),
      at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 6)),
    )
      .when(claimById('bob', 'c'), 2)
      .then(at(2, claimed('bob', 'c', { until: 17 })))
  })
})

describe('ten thousand dependencies', () => {
  const many = 10_000
  const name = (i: number): string => `t${i}`
  const all = Array.from({ length: many }, (_, i) => i)

  it('may form a chain, and a dependency that closes it is refused', () => {
    const state = buildState(
      at(0, opened(), ...all.map(i => added(name(i), 'docs', i === 0 ? {} : { needs: [name(i - 1)] }))),
    )
    const closeCycle = decide(addCommandTime(1, amend(name(0), { needs: [name(many - 1)] })), state)
    expect(E.isLeft(closeCycle) && closeCycle.left).toEqual({
      error: 'needs_cycle',
      path: [name(0), ...all.map(i => name(many - 1 - i))],
    })
    const longer = decide(addCommandTime(1, amend(name(many - 1), { needs: [name(many - 2), name(0)] })), state)
    expect(E.isRight(longer) && longer.right.events.length).toBe(1)
  })

  it('may be added by an amendment, counted one by one as they are done, and dropped by another', () => {
    const before = buildState(at(0, opened(), ...all.map(i => added(name(i), 'docs')), added('last', 'ci')))
    const needs = all.map(name)
    const amendDecision = decide(addCommandTime(1, amend('last', { needs })), before)
    if (E.isLeft(amendDecision)) throw new Error(amendDecision.left.error)
    let state = fold(before, amendDecision.right.events)
    expect([state.table.get('last')?.status, state.table.get('last')?.openNeeds]).toEqual(['blocked', many])
    const [first] = needs
    state = fold(
      state,
      at(2, claimed('ann', first ?? ''), completed('ann', first ?? '', many + 4)).map((event, i) => ({
        ...event,
        seq: many + 4 + i,
      })),
    )
    expect(state.table.get('last')?.openNeeds).toBe(many - 1)
    const withoutNeeds = decide(addCommandTime(3, amend('last', { needs: [] })), state)
    if (E.isLeft(withoutNeeds)) throw new Error(withoutNeeds.left.error)
    state = fold(state, withoutNeeds.right.events)
    expect(state.table.get('last')?.status).toBe('ready')
    expect(dumpIndices(state)).toEqual(scanIndices(state))
  })

  it('may be on the same task: its retry blocks all dependents again', () => {
    const state = buildState(
      at(0, opened(), added('first', 'ci'), ...all.map(i => added(name(i), 'docs', { needs: ['first'] }))),
      at(1, claimed('ann', 'first', { until: 16 }), completed('ann', 'first', many + 3)),
    )
    expect(state.table.count('ready', 'docs')).toBe(many)
    const reblocked = decide(addCommandTime(2, retry('first')), state)
    if (E.isLeft(reblocked)) throw new Error(reblocked.left.error)
    const after = fold(state, reblocked.right.events)
    expect([after.table.count('ready', 'docs'), after.table.count('blocked', 'docs')]).toEqual([0, many])
  })
})
