import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  amended,
  at,
  cancelled,
  claim,
  claimed,
  failed,
  given,
  held,
  limited,
  opened,
  paused,
  refusalOf,
  released,
  time,
} from '../../../testing/decider-specification.ts'
import { maxTasksExplained, type WaitingWork } from '../refusal.ts'

type Moments = ReadonlyArray<ReturnType<typeof at>>

/** What a claim among `kinds` is told so many minutes after noon; of each task only which guards it has. */
const waitingAt = (minutes: number, kinds: ReadonlyArray<string>, ...moments: Moments) => {
  const refusal = refusalOf(given(...moments).when(claim('eve', ...kinds), minutes).decided)
  if (refusal?.error !== 'no_ready_task') throw new Error('there is work')
  const { waiting }: { waiting: WaitingWork } = refusal
  const tasks = waiting.tasks.map(({ taskId, guards }) => [taskId, ...guards.map(({ guard }) => guard)].join(' '))
  return { ...waiting, tasks }
}

const none = { closed: undefined, ready: 0, claimed: 0, due: 0, blocked: 0 }
const empty = at(0, opened())

describe('where there is nothing to claim, one is told', () => {
  it('nothing of kinds that have neither work nor a rule', () => {
    expect(waitingAt(1, [], empty)).toEqual({ kinds: [], tasks: [], nextAt: undefined })
    const strange = { kinds: [], tasks: [], nextAt: undefined, unknown: [{ kind: 'art', nearest: undefined }] }
    expect(waitingAt(1, ['art'], empty, at(0, added('t', 'docs')))).toEqual(strange)
  })

  it('how many tasks of each kind wait for what, kinds that it did not name in the order of their names', () => {
    const log = [
      at(0, opened(), added('a', 'docs'), added('b', 'docs', { notBefore: time(30) }), added('c', 'docs')),
      at(0, added('d', 'docs', { needs: ['a'] }), added('e', 'ci'), held('c'), claimed('ann', 'a')),
      at(1, claimed('ann', 'e', { until: 9 })),
    ]
    expect(waitingAt(2, [], ...log)).toEqual({
      kinds: [
        { ...none, kind: 'ci', claimed: 1 },
        { ...none, kind: 'docs', claimed: 1, due: 1, blocked: 2 },
      ],
      tasks: ['a claimed', 'b not_due', 'c held', 'd need', 'e claimed'].slice(0, maxTasksExplained),
      nextAt: time(9),
    })
    expect(waitingAt(2, ['docs'], ...log).nextAt).toEqual(time(15))
  })

  it('at most ten things in the way of one task, and how many more there are', () => {
    const needs = Array.from({ length: 12 }, (_, i) => `n${i}`)
    const log = at(0, opened(), ...needs.map(id => added(id, 'ci')), added('t', 'docs', { needs }))
    const { decided } = given(log).when(claim('eve', 'docs'), 1)
    if (E.isRight(decided) || decided.left.error !== 'no_ready_task') throw new Error('there is work')
    const [task] = decided.left.waiting.tasks
    expect([task?.guards.length, task?.moreGuards]).toEqual([10, 2])
  })

  it('that a kind is paused, and of no moment that would change that', () => {
    const log = at(0, opened(), added('a', 'docs'), added('b', 'docs'), claimed('ann', 'a'), paused('docs'))
    expect(waitingAt(1, [], log)).toEqual({
      kinds: [{ ...none, kind: 'docs', closed: 'paused', ready: 1, claimed: 1 }],
      tasks: ['a claimed paused', 'b paused'],
      nextAt: undefined,
    })
  })

  it('that a kind is full, and when the first of its leases ends, though a task falls due before', () => {
    const log = at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'docs', { notBefore: time(3) }))
    expect(waitingAt(1, ['docs'], log, at(0, limited('docs', 1), claimed('ann', 'a')))).toEqual({
      kinds: [{ ...none, kind: 'docs', closed: 'full', ready: 1, claimed: 1, due: 1 }],
      tasks: ['a claimed full', 'b full', 'c not_due full'],
      nextAt: time(15),
    })
  })

  it('of a rule though there is no work', () => {
    expect(waitingAt(1, ['docs'], empty, at(0, paused('docs')))).toEqual({
      kinds: [{ ...none, kind: 'docs', closed: 'paused' }],
      tasks: [],
      nextAt: undefined,
    })
  })

  it('that all that is left is blocked, even where no kind was asked for', () => {
    const log = at(0, opened(), added('n', 'ci'), added('t', 'docs', { needs: ['n'] }), cancelled('n'))
    expect(waitingAt(1, [], log)).toEqual({
      kinds: [{ ...none, kind: 'docs', blocked: 1 }],
      tasks: ['t need'],
      nextAt: undefined,
    })
  })

  it('of the first hundred kinds by name, and of all others in numbers, where any kind is asked for', () => {
    const kinds = Array.from({ length: 150 }, (_, i) => `kind-${String(i).padStart(3, '0')}`)
    const log = [
      at(
        0,
        opened(),
        ...kinds.toReversed().map(kind => added(kind, kind, { notBefore: time(kind === 'kind-120' ? 9 : 30) })),
      ),
      at(1, held('kind-110')),
    ]
    const waiting = waitingAt(2, [], ...log)
    expect(waiting.kinds.map(({ kind }) => kind)).toEqual(kinds.slice(0, 100))
    expect(waiting.more).toEqual({ kinds: 50, claimed: 0, due: 49, blocked: 1 })
    expect(waiting.nextAt).toBe(time(9))
    expect(waitingAt(2, kinds, ...log).kinds).toHaveLength(150)
  })

  it('of the first few tasks in the order of handing out, whatever they wait for', () => {
    const log = [
      at(0, opened(), ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(id => added(id, 'docs', { notBefore: time(30) }))),
      at(0, added('h', 'ci', { priority: 0 }), held('h'), amended('c', { priority: 1 }), held('a')),
    ]
    expect(waitingAt(1, [], ...log).tasks).toEqual(
      ['h held', 'c not_due', 'a held not_due', 'b not_due', 'd not_due'].slice(0, maxTasksExplained),
    )
  })

  it('when the next attempt may start', () => {
    const log = at(0, opened(), added('a', 'docs'), claimed('ann', 'a'), failed('ann', 'a', 3, 'no', time(4)))
    expect(waitingAt(1, [], log)).toEqual({
      kinds: [{ ...none, kind: 'docs', due: 1 }],
      tasks: ['a not_due'],
      nextAt: time(4),
    })
  })
  it('when a task may start whose lease has ended, and which was amended to start later', () => {
    const log = [at(0, opened(), added('a', 'docs'), claimed('ann', 'a')), at(1, amended('a', { notBefore: time(60) }))]
    expect(waitingAt(20, [], ...log)).toEqual({
      kinds: [{ ...none, kind: 'docs', claimed: 1 }],
      tasks: ['a not_due'],
      nextAt: time(60),
    })
  })

  it('of a task as ready whose time has come by the moment that it is given back', () => {
    const log = [
      at(0, opened(), added('a', 'docs', { notBefore: time(10) })),
      at(10, claimed('ann', 'a', { until: 25 }), paused('docs')),
    ]
    for (const minutes of [10, 11])
      expect(waitingAt(12, [], ...log, at(minutes, released('ann', 'a', 3))).kinds).toEqual([
        { ...none, kind: 'docs', closed: 'paused', ready: 1 },
      ])
  })
})

describe('where there is nothing to claim but leases that ended with no attempts left', () => {
  const once = { maxAttempts: 1 }

  it('those wait for nothing: they are neither counted nor shown, whether a claim saw them end or not', () => {
    const log = [
      at(0, opened(), added('seen', 'docs', once), added('unseen', 'docs', once), added('b', 'docs'), held('b')),
      at(0, added('other', 'ci', once), added('c', 'ci'), claimed('ann', 'other')),
      at(20, claimed('ann', 'seen', { until: 15 }), claimed('bob', 'unseen', { until: 30 })),
      at(20, claimed('cem', 'c', { until: 60 })),
    ]
    expect(waitingAt(30, [], ...log)).toEqual({
      kinds: [
        { ...none, kind: 'ci', claimed: 1 },
        { ...none, kind: 'docs', blocked: 1 },
      ],
      tasks: ['b held', 'c claimed'],
      nextAt: time(60),
    })
  })

  it('those hide none of the tasks behind them', () => {
    const [dead, live] = [
      ['a', 'b'],
      ['x', 'y', 'z'],
    ] as const
    const log = [
      at(0, opened(), ...dead.map(id => added(id, 'docs', once)), ...live.map(id => added(id, 'docs'))),
      at(0, ...dead.map(id => claimed('ann', id)), ...live.map(id => claimed('bob', id, { until: 60 }))),
    ]
    expect(waitingAt(15, [], ...log)).toEqual({
      kinds: [{ ...none, kind: 'docs', claimed: 3 }],
      tasks: ['x claimed', 'y claimed', 'z claimed'],
      nextAt: time(60),
    })
  })

  it('those are not waited for, though one was amended to start later', () => {
    const log = [
      at(0, opened(), added('a', 'docs', once), claimed('ann', 'a')),
      at(1, amended('a', { notBefore: time(60) })),
    ]
    expect(waitingAt(20, [], ...log)).toEqual({ kinds: [], tasks: [], nextAt: undefined })
  })
})
