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
  getRefusal,
  released,
  time,
  type EventGroups,
} from '../../../testing/decider-specification.ts'
import { explainedTasksMax, type WaitingWork } from '../refusal.ts'

/** The waiting work of a claim of `kinds` the given minutes after noon; of each task only the names of its guards. */
const explainAtMinute = (minutes: number, kinds: ReadonlyArray<string>, ...groups: EventGroups) => {
  const refusal = getRefusal(given(...groups).when(claim('eve', ...kinds), minutes).decided)
  if (refusal?.error !== 'no_ready_task') throw new Error('there is work')
  const { waiting }: { waiting: WaitingWork } = refusal
  const tasks = waiting.tasks.map(({ taskId, guards }) => [taskId, ...guards.map(({ guard }) => guard)].join(' '))
  return { ...waiting, tasks }
}

const noCounts = { closed: undefined, ready: 0, claimed: 0, due: 0, blocked: 0 }
const empty = at(0, opened())

describe('if there is nothing to claim, the refusal has', () => {
  it('no kinds without tasks and rules', () => {
    expect(explainAtMinute(1, [], empty)).toEqual({ kinds: [], tasks: [], nextAt: undefined })
    const unknownKind = { kinds: [], tasks: [], nextAt: undefined, unknown: [{ kind: 'art', nearest: undefined }] }
    expect(explainAtMinute(1, ['art'], empty, at(0, added('t', 'docs')))).toEqual(unknownKind)
  })

  it('the waiting tasks of each kind, with kinds that were not requested sorted by name', () => {
    const log = [
      at(0, opened(), added('a', 'docs'), added('b', 'docs', { notBefore: time(30) }), added('c', 'docs')),
      at(0, added('d', 'docs', { needs: ['a'] }), added('e', 'ci'), held('c'), claimed('ann', 'a')),
      at(1, claimed('ann', 'e', { until: 9 })),
    ]
    expect(explainAtMinute(2, [], ...log)).toEqual({
      kinds: [
        { ...noCounts, kind: 'ci', claimed: 1 },
        { ...noCounts, kind: 'docs', claimed: 1, due: 1, blocked: 2 },
      ],
      tasks: ['a claimed', 'b not_due', 'c held', 'd need', 'e claimed'].slice(0, explainedTasksMax),
      nextAt: time(9),
    })
    expect(explainAtMinute(2, ['docs'], ...log).nextAt).toEqual(time(15))
  })

  it('at most ten guards of a task, and how many more there are', () => {
    const needs = Array.from({ length: 12 }, (_, i) => `n${i}`)
    const log = at(0, opened(), ...needs.map(id => added(id, 'ci')), added('t', 'docs', { needs }))
    const { decided } = given(log).when(claim('eve', 'docs'), 1)
    if (E.isRight(decided) || decided.left.error !== 'no_ready_task') throw new Error('there is work')
    const [task] = decided.left.waiting.tasks
    expect([task?.guards.length, task?.moreGuards]).toEqual([10, 2])
  })

  it('a paused kind, and no time to wait for', () => {
    const log = at(0, opened(), added('a', 'docs'), added('b', 'docs'), claimed('ann', 'a'), paused('docs'))
    expect(explainAtMinute(1, [], log)).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', closed: 'paused', ready: 1, claimed: 1 }],
      tasks: ['a claimed paused', 'b paused'],
      nextAt: undefined,
    })
  })

  it('a full kind, and the end of its first lease, even if a task is due before', () => {
    const log = at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'docs', { notBefore: time(3) }))
    expect(explainAtMinute(1, ['docs'], log, at(0, limited('docs', 1), claimed('ann', 'a')))).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', closed: 'full', ready: 1, claimed: 1, due: 1 }],
      tasks: ['a claimed full', 'b full', 'c not_due full'],
      nextAt: time(15),
    })
  })

  it('a rule even without tasks', () => {
    expect(explainAtMinute(1, ['docs'], empty, at(0, paused('docs')))).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', closed: 'paused' }],
      tasks: [],
      nextAt: undefined,
    })
  })

  it('the blocked tasks, even if no kind was requested', () => {
    const log = at(0, opened(), added('n', 'ci'), added('t', 'docs', { needs: ['n'] }), cancelled('n'))
    expect(explainAtMinute(1, [], log)).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', blocked: 1 }],
      tasks: ['t need'],
      nextAt: undefined,
    })
  })

  it('the first hundred kinds by name and the totals of all others, if any kind is requested', () => {
    const kinds = Array.from({ length: 150 }, (_, i) => `kind-${String(i).padStart(3, '0')}`)
    const log = [
      at(
        0,
        opened(),
        ...kinds.toReversed().map(kind => added(kind, kind, { notBefore: time(kind === 'kind-120' ? 9 : 30) })),
      ),
      at(1, held('kind-110')),
    ]
    const waiting = explainAtMinute(2, [], ...log)
    expect(waiting.kinds.map(({ kind }) => kind)).toEqual(kinds.slice(0, 100))
    expect(waiting.more).toEqual({ kinds: 50, claimed: 0, due: 49, blocked: 1 })
    expect(waiting.nextAt).toBe(time(9))
    expect(explainAtMinute(2, kinds, ...log).kinds).toHaveLength(150)
  })

  it('the first few tasks in claim order, for any reason to wait', () => {
    const log = [
      at(0, opened(), ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(id => added(id, 'docs', { notBefore: time(30) }))),
      at(0, added('h', 'ci', { priority: 0 }), held('h'), amended('c', { priority: 1 }), held('a')),
    ]
    expect(explainAtMinute(1, [], ...log).tasks).toEqual(
      ['h held', 'c not_due', 'a held not_due', 'b not_due', 'd not_due'].slice(0, explainedTasksMax),
    )
  })

  it('the time of the next attempt', () => {
    const log = at(0, opened(), added('a', 'docs'), claimed('ann', 'a'), failed('ann', 'a', 3, 'no', time(4)))
    expect(explainAtMinute(1, [], log)).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', due: 1 }],
      tasks: ['a not_due'],
      nextAt: time(4),
    })
  })
  it('the due time of a task with an expired lease that was amended to be due later', () => {
    const log = [at(0, opened(), added('a', 'docs'), claimed('ann', 'a')), at(1, amended('a', { notBefore: time(60) }))]
    expect(explainAtMinute(20, [], ...log)).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', claimed: 1 }],
      tasks: ['a not_due'],
      nextAt: time(60),
    })
  })

  it('a task as ready if it is due when it is released', () => {
    const log = [
      at(0, opened(), added('a', 'docs', { notBefore: time(10) })),
      at(10, claimed('ann', 'a', { until: 25 }), paused('docs')),
    ]
    for (const minutes of [10, 11])
      expect(explainAtMinute(12, [], ...log, at(minutes, released('ann', 'a', 3))).kinds).toEqual([
        { ...noCounts, kind: 'docs', closed: 'paused', ready: 1 },
      ])
  })
})

describe('expired leases with no attempts left, if there is nothing else to claim', () => {
  const oneAttempt = { maxAttempts: 1 }

  it('are neither counted nor listed, even if a claim has already marked them', () => {
    const log = [
      at(
        0,
        opened(),
        added('seen', 'docs', oneAttempt),
        added('unseen', 'docs', oneAttempt),
        added('b', 'docs'),
        held('b'),
      ),
      at(0, added('other', 'ci', oneAttempt), added('c', 'ci'), claimed('ann', 'other')),
      at(20, claimed('ann', 'seen', { until: 15 }), claimed('bob', 'unseen', { until: 30 })),
      at(20, claimed('cem', 'c', { until: 60 })),
    ]
    expect(explainAtMinute(30, [], ...log)).toEqual({
      kinds: [
        { ...noCounts, kind: 'ci', claimed: 1 },
        { ...noCounts, kind: 'docs', blocked: 1 },
      ],
      tasks: ['b held', 'c claimed'],
      nextAt: time(60),
    })
  })

  it('do not hide the tasks after them', () => {
    const [exhausted, live] = [
      ['a', 'b'],
      ['x', 'y', 'z'],
    ] as const
    const log = [
      at(0, opened(), ...exhausted.map(id => added(id, 'docs', oneAttempt)), ...live.map(id => added(id, 'docs'))),
      at(0, ...exhausted.map(id => claimed('ann', id)), ...live.map(id => claimed('bob', id, { until: 60 }))),
    ]
    expect(explainAtMinute(15, [], ...log)).toEqual({
      kinds: [{ ...noCounts, kind: 'docs', claimed: 3 }],
      tasks: ['x claimed', 'y claimed', 'z claimed'],
      nextAt: time(60),
    })
  })

  it('are not waited for, even if one was amended to be due later', () => {
    const log = [
      at(0, opened(), added('a', 'docs', oneAttempt), claimed('ann', 'a')),
      at(1, amended('a', { notBefore: time(60) })),
    ]
    expect(explainAtMinute(20, [], ...log)).toEqual({ kinds: [], tasks: [], nextAt: undefined })
  })
})
