import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  completed,
  failed,
  given,
  held,
  limited,
  opened,
  type Order,
  time,
} from '../../../testing/decider-specification.ts'
import type { NewTask } from './new-task.ts'
import type { ImportedStanding, ImportedTask } from './imported-task.ts'

const empty = at(0, opened())
const from = (taskId: string, standing: ImportedStanding, more: Partial<NewTask> = {}): ImportedTask => ({
  task: { taskId, kind: 'docs', ...more },
  standing,
})
const importing = (...tasks: ReadonlyArray<ImportedTask>): Order => ({ command: 'import', tasks })
const lapsed = `the lease ended at ${time(15)} and no attempts are left`

describe('where an imported task stands', () => {
  it('was finished in passing where its kind is full, and takes no place in it', () => {
    given(empty, at(0, added('held', 'docs'), limited('docs', 1)), at(0, claimed('ann', 'held')))
      .when(importing(from('t', { status: 'done' })), 1)
      .then(at(1, added('t', 'docs'), claimed('import', 't', { until: 1 }), completed('import', 't', 6)))
  })

  it('is refused where it waits for another attempt and has none left', () => {
    given(empty)
      .when(importing(from('t', { status: 'ready', retryAt: time(9) }, { maxAttempts: 1 })), 1)
      .thenRefused({ error: 'bad_input', detail: 't waits for a retry, but may be attempted only once' })
  })

  it('is waiting for its next attempt where it was, as after a failure', () => {
    given(empty)
      .when(importing(from('t', { status: 'ready', retryAt: time(9), error: 'no disk' })), 1)
      .then(
        at(1, added('t', 'docs'), claimed('import', 't', { until: 16 })),
        at(1, failed('import', 't', 3, 'no disk', time(9))),
      )
  })

  it('is failed with words of its own where the file has none', () => {
    given(empty)
      .when(importing(from('t', { status: 'failed' })), 1)
      .then(
        at(1, added('t', 'docs'), claimed('import', 't', { until: 16 })),
        at(1, failed('import', 't', 3, 'failed before it was imported')),
      )
  })

  it('is held without a reason where it needs nothing that is not done', () => {
    given(empty)
      .when(importing(from('t', { status: 'held' })), 1)
      .then(at(1, added('t', 'docs'), held('t')))
  })

  it('needs no hold where one need of several is not done', () => {
    given(empty)
      .when(
        importing(
          from('a', { status: 'done' }),
          from('b', { status: 'ready' }),
          from('t', { status: 'held' }, { needs: ['a', 'b'] }),
        ),
        0,
      )
      .then(
        at(0, added('a', 'docs'), added('b', 'docs'), added('t', 'docs', { needs: ['a', 'b'] })),
        at(0, claimed('import', 'a'), completed('import', 'a', 5)),
      )
  })

  it('may rest on a task that is there already and done', () => {
    given(at(0, opened(), added('a', 'docs'), claimed('ann', 'a'), completed('ann', 'a', 3)))
      .when(importing(from('t', { status: 'done' }, { needs: ['a'] })), 1)
      .then(
        at(1, added('t', 'docs', { needs: ['a'] }), claimed('import', 't', { until: 16 }), completed('import', 't', 6)),
      )
  })

  it('is brought about only after all that it needs, however many need the same', () => {
    const [b, c, d] = [{ needs: ['a'] }, { needs: ['a'] }, { needs: ['b', 'c'] }]
    const done = { status: 'done' } as const
    given(empty)
      .when(importing(from('d', done, d), from('c', done, c), from('b', done, b), from('a', done)), 0)
      .then(
        at(0, added('d', 'docs', d), added('c', 'docs', c), added('b', 'docs', b), added('a', 'docs')),
        at(0, claimed('import', 'a'), completed('import', 'a', 6)),
        at(0, claimed('import', 'c'), completed('import', 'c', 8)),
        at(0, claimed('import', 'b'), completed('import', 'b', 10)),
        at(0, claimed('import', 'd'), completed('import', 'd', 12)),
      )
  })

  it('cannot be waiting for another attempt before its needs are done', () => {
    given(empty)
      .when(
        importing(from('a', { status: 'ready' }), from('t', { status: 'ready', retryAt: time(9) }, { needs: ['a'] })),
        0,
      )
      .thenRefused({ error: 'bad_input', detail: 't is claimed, but it depends on a, which is not done' })
  })

  it('is as it is now where there is a task under the same key, though under another id', () => {
    given(at(0, opened(), added('t', 'docs', { key: 'k' })))
      .when(importing(from('u', { status: 'done' }, { key: 'k', tags: ['x'] })), 1)
      .thenNothing({ taskIds: [], seq: 2 })
  })
})

describe('an import beside a lease that has ended with no attempts left', () => {
  const beside = at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), claimed('ann', 't'))

  it('says that the task has failed where it brings one that was done, which was claimed for that', () => {
    given(beside)
      .when(importing(from('u', { status: 'done' })), 20)
      .then(
        at(20, added('u', 'docs'), claimed('import', 'u', { until: 35 }), completed('import', 'u', 5)),
        at(20, failed('ann', 't', 3, lapsed)),
      )
  })

  it('says nothing of it where it claims nothing of its kind', () => {
    given(beside)
      .when(importing(from('u', { status: 'ready' }), from('v', { status: 'done' }, { kind: 'ci' })), 20)
      .then(
        at(20, added('u', 'docs'), added('v', 'ci')),
        at(20, claimed('import', 'v', { until: 35 }), completed('import', 'v', 6)),
      )
  })

  it('answers with the seq of its last event', () => {
    const { decided } = given(beside).when(importing(from('u', { status: 'done' })), 20)
    expect(E.isRight(decided) && [decided.right.seq, decided.right.events.at(-1)?.seq]).toEqual([7, 7])
  })
})

describe('an imported lease that had ended with no attempts left', () => {
  const ended = [
    at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs')),
    at(20, claimed('ann', 't', { until: 15 })),
  ]

  it('is recorded by the next claim, and does not stand before the task behind it', () => {
    given(...ended)
      .when(claim('bob'), 20)
      .then(at(20, failed('ann', 't', 4, lapsed), claimed('bob', 'u', { until: 35 })))
  })
})

describe('an import of a kind that is at its limit', () => {
  const full = at(0, opened(), added('t', 'docs'), claimed('ann', 't'), limited('docs', 1))

  it('may bring all that nobody is at: tasks that are ready, finished, put aside, or whose lease has ended', () => {
    const { decided } = given(full).when(
      importing(
        from('a', { status: 'ready' }),
        from('b', { status: 'held' }),
        from('c', { status: 'cancelled', worker: 'bob' }),
        from('d', { status: 'ready', worker: 'bob', leaseUntil: time(1) }),
      ),
      1,
    )
    expect(E.isRight(decided) && decided.right.taskIds).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is refused with a lease that has not ended, or never does', () => {
    for (const leaseUntil of [time(2), null, undefined])
      given(full)
        .when(importing(from('u', { status: 'ready', worker: 'bob', leaseUntil })), 1)
        .thenRefused({ error: 'kind_full', kind: 'docs', limit: 1 })
  })
})
