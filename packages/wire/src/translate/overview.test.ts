import * as E from 'fp-ts/lib/Either.js'
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
  resumed,
  retried,
  buildState,
  time,
  workspaceId,
  type EventGroups,
} from '@claimlog/domain/testing'
import { listView } from './list.ts'
import { showView } from './show.ts'
import { statusView } from './status.ts'

const state = buildState(
  at(0, opened(), added('a', 'docs'), added('b', 'docs'), added('c', 'docs', { needs: ['a', 'b'] })),
  at(0, added('d', 'ci'), added('e', 'ci'), added('f', 'ci'), added('g', 'ci')),
  at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 9, { n: 1 }), claimed('bob', 'b', { until: 16 })),
  at(2, claimed('ann', 'd', { until: 5 }), claimed('cem', 'e', { until: 17 }), failed('cem', 'e', 13, 'no')),
  at(3, cancelled('f'), held('g')),
)

describe('the status of a workspace', () => {
  const counts = { ready: 0, claimed: 0, blocked: 0, done: 0, failed: 0, cancelled: 0 }
  const claims = [
    { taskId: 'b', worker: 'bob', token: 11, attempt: 1, claimedAt: time(1), leaseUntil: time(16), lapsed: false },
    { taskId: 'd', worker: 'ann', token: 12, attempt: 1, claimedAt: time(2), leaseUntil: time(5), lapsed: false },
  ]

  it('counts each task once; a task with a live lease is claimed and not ready', () => {
    expect(statusView(state, time(4))).toEqual({
      workspace: workspaceId,
      openedAt: time(0),
      seq: 16,
      time: time(3),
      tasks: 7,
      kinds: [
        { kind: 'docs', ...counts, claimed: 1, blocked: 1, done: 1 },
        { kind: 'ci', ...counts, claimed: 1, failed: 1, cancelled: 1, blocked: 1 },
      ],
      claims,
    })
  })

  it('counts a task as ready again at the time its lease expires', () => {
    const status = statusView(state, time(5))
    expect(status.kinds[1]).toEqual({ kind: 'ci', ...counts, ready: 1, failed: 1, cancelled: 1, blocked: 1 })
    expect(status.claims).toEqual([claims[0], { ...claims[1], lapsed: true }])
  })
})

describe('the list of tasks', () => {
  const ids = (query: Parameters<typeof listView>[1]): string =>
    listView(state, query)
      .tasks.map(({ id }) => id)
      .join('')

  it('is in the order they were added, including finished ones', () => {
    expect(ids({})).toBe('abcdefg')
  })

  it('can be filtered by kind, by status, or by both', () => {
    expect([ids({ kind: 'ci' }), ids({ status: 'blocked' }), ids({ kind: 'ci', status: 'ready' })]).toEqual([
      'defg',
      'cg',
      'd',
    ])
    expect([
      ids({ status: 'done' }),
      ids({ status: 'failed' }),
      ids({ status: 'cancelled' }),
      ids({ kind: 'x' }),
    ]).toEqual(['a', 'e', 'f', ''])
  })

  it('shows a claim next to its task, which stays ready', () => {
    expect(listView(state, { kind: 'docs' })).toEqual({
      tasks: [
        { id: 'a', kind: 'docs', status: 'done', result: { n: 1 } },
        {
          id: 'b',
          kind: 'docs',
          status: 'ready',
          claim: { worker: 'bob', token: 11, attempt: 1, claimedAt: time(1), leaseUntil: time(16) },
        },
        { id: 'c', kind: 'docs', status: 'blocked', needs: ['a', 'b'] },
      ],
      seq: 16,
    })
  })
})

describe('the details of one task', () => {
  it('has its attempts, its open dependencies, and who finished it when', () => {
    expect(showView(state, 'c')).toEqual(
      E.right({
        task: { id: 'c', kind: 'docs', status: 'blocked', needs: ['a', 'b'] },
        addedAt: time(0),
        attempts: 0,
        maxAttempts: 3,
        openNeeds: ['b'],
        seq: 16,
      }),
    )
    expect(showView(state, 'a')).toEqual(
      E.right({
        task: { id: 'a', kind: 'docs', status: 'done', result: { n: 1 } },
        addedAt: time(0),
        attempts: 1,
        maxAttempts: 3,
        finishedAt: time(1),
        finishedBy: 'ann',
        seq: 16,
      }),
    )
  })

  it('is refused for an unknown task', () => {
    expect(showView(state, 'x')).toEqual(E.left({ error: 'unknown_task', taskId: 'x' }))
  })
})

describe('the rules of a kind', () => {
  const counts = { ready: 0, claimed: 0, blocked: 0, done: 0, failed: 0, cancelled: 0 }
  const listKinds = (...groups: EventGroups) => statusView(buildState(...groups), time(9)).kinds
  const fresh = at(0, opened(), added('t', 'docs'))

  it('are shown with the counts of its tasks, with who paused it when and why', () => {
    expect(listKinds(fresh, at(1, limited('docs', 2), { ...paused('docs', 'the disk is full'), by: 'eve' }))).toEqual([
      {
        kind: 'docs',
        ...counts,
        ready: 1,
        limit: 2,
        paused: { since: time(1), seq: 4, reason: 'the disk is full', by: 'eve' },
      },
    ])
  })

  it('are shown for a kind without tasks too, while it has rules', () => {
    const ruled = at(1, paused('art'), limited('ci', 1))
    expect(listKinds(fresh, ruled)).toEqual([
      { kind: 'docs', ...counts, ready: 1 },
      { kind: 'art', ...counts, paused: { since: time(1), seq: 3 } },
      { kind: 'ci', ...counts, limit: 1 },
    ])
    expect(listKinds(fresh, ruled, at(2, resumed('art'), limited('ci', null)))).toEqual([
      { kind: 'docs', ...counts, ready: 1 },
    ])
  })
})

describe('a task that is blocked by failed dependencies', () => {
  const unsatisfiable = buildState(
    at(
      0,
      opened(),
      added('a', 'docs'),
      added('b', 'docs'),
      added('c', 'docs'),
      added('t', 'ci', { needs: ['c', 'b', 'a'] }),
    ),
    at(1, claimed('ann', 'a', { until: 16 }), failed('ann', 'a', 6, 'no'), cancelled('b', 'not needed')),
  )

  it('is listed with the dependencies that failed or were cancelled, in their given order', () => {
    expect(listView(unsatisfiable, { kind: 'ci' })).toEqual({
      tasks: [{ id: 't', kind: 'ci', status: 'blocked', needs: ['c', 'b', 'a'], deadNeeds: ['b', 'a'] }],
      seq: 8,
    })
  })

  it('is shown with them in addition to its open dependencies', () => {
    expect(showView(unsatisfiable, 't')).toEqual(
      E.right({
        task: { id: 't', kind: 'ci', status: 'blocked', needs: ['c', 'b', 'a'] },
        addedAt: time(0),
        attempts: 0,
        maxAttempts: 3,
        openNeeds: ['c', 'b', 'a'],
        deadNeeds: ['b', 'a'],
        seq: 8,
      }),
    )
  })

  it('is no longer blocked by them once they are retried', () => {
    const retriedState = buildState(
      at(0, opened(), added('a', 'docs'), added('t', 'ci', { needs: ['a'] }), cancelled('a'), retried('a')),
    )
    expect(listView(retriedState, { kind: 'ci' }).tasks).toEqual([
      { id: 't', kind: 'ci', status: 'blocked', needs: ['a'] },
    ])
  })
})

describe('a cancelled task', () => {
  it('is shown with its canceller and the reason', () => {
    const state = buildState(at(0, opened(), added('t', 'docs')), at(2, { ...cancelled('t', 'not needed'), by: 'eve' }))
    expect(showView(state, 't')).toEqual(
      E.right({
        task: { id: 't', kind: 'docs', status: 'cancelled' },
        addedAt: time(0),
        attempts: 0,
        maxAttempts: 3,
        finishedAt: time(2),
        finishedBy: 'eve',
        cancelReason: 'not needed',
        seq: 3,
      }),
    )
  })
})

describe.each<readonly [string, EventGroups]>([
  ['done', [at(1, completed('ann', 't', 3, { pages: 1 }))]],
  ['failed', [at(1, failed('ann', 't', 3, 'no'))]],
  ['cancelled', [at(1, cancelled('t', 'not needed'))]],
])('a task that was retried after it was %s', (_, end) => {
  const ended = [at(0, opened(), added('t', 'docs')), at(0, claimed('ann', 't')), ...end]

  it('no longer has its former result', () => {
    expect(showView(buildState(...ended, at(2, retried('t'))), 't')).toEqual(
      E.right({
        task: { id: 't', kind: 'docs', status: 'ready' },
        addedAt: time(0),
        attempts: 0,
        maxAttempts: 3,
        seq: 5,
      }),
    )
  })
})

describe('an absent field of a task', () => {
  it('is absent again once its list is empty', () => {
    const listed = at(0, opened(), added('n', 'docs'), added('t', 'docs', { needs: ['n'], tags: ['x'] }))
    const shown = showView(buildState(listed, at(1, amended('t', { needs: [], tags: [] }))), 't')
    expect(shown).toMatchObject({ right: { task: { id: 't', status: 'ready' } } })
    expect(JSON.stringify(shown)).not.toMatch(/"(needs|tags)"/)
  })
})
