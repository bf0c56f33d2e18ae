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
  type UntimedCommand,
  time,
} from '../../../testing/decider-specification.ts'
import type { NewTask } from './new-task.ts'
import type { ImportedState, ImportedTask } from './imported-task.ts'

const empty = at(0, opened())
const importedTask = (taskId: string, importedState: ImportedState, more: Partial<NewTask> = {}): ImportedTask => ({
  task: { taskId, kind: 'docs', ...more },
  importedState,
})
const importTasks = (...tasks: ReadonlyArray<ImportedTask>): UntimedCommand => ({ command: 'import', tasks })
const expiryError = `the lease expired at ${time(15)} and no attempts are left`

describe('an imported task', () => {
  it('that is finished takes no slot of a full kind', () => {
    given(empty, at(0, added('held', 'docs'), limited('docs', 1)), at(0, claimed('ann', 'held')))
      .when(importTasks(importedTask('t', { status: 'done' })), 1)
      .then(at(1, added('t', 'docs'), claimed('import', 't', { until: 1 }), completed('import', 't', 6)))
  })

  it('is refused if it waits for another attempt and has none left', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready', retryAt: time(9) }, { maxAttempts: 1 })), 1)
      .thenRefused({ error: 'bad_input', detail: 't waits for a retry, but may be attempted only once' })
  })

  it('waits for its next attempt if it did, as after a failure', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready', retryAt: time(9), error: 'no disk' })), 1)
      .then(
        at(1, added('t', 'docs'), claimed('import', 't', { until: 16 })),
        at(1, failed('import', 't', 3, 'no disk', time(9))),
      )
  })

  it('that failed gets an error if the file has none', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'failed' })), 1)
      .then(
        at(1, added('t', 'docs'), claimed('import', 't', { until: 16 })),
        at(1, failed('import', 't', 3, 'failed before it was imported')),
      )
  })

  it('is on hold without a reason if its dependencies are done', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'held' })), 1)
      .then(at(1, added('t', 'docs'), held('t')))
  })

  it('gets no hold if one of its dependencies is not done', () => {
    given(empty)
      .when(
        importTasks(
          importedTask('a', { status: 'done' }),
          importedTask('b', { status: 'ready' }),
          importedTask('t', { status: 'held' }, { needs: ['a', 'b'] }),
        ),
        0,
      )
      .then(
        at(0, added('a', 'docs'), added('b', 'docs'), added('t', 'docs', { needs: ['a', 'b'] })),
        at(0, claimed('import', 'a'), completed('import', 'a', 5)),
      )
  })

  it('may depend on an existing task that is done', () => {
    given(at(0, opened(), added('a', 'docs'), claimed('ann', 'a'), completed('ann', 'a', 3)))
      .when(importTasks(importedTask('t', { status: 'done' }, { needs: ['a'] })), 1)
      .then(
        at(1, added('t', 'docs', { needs: ['a'] }), claimed('import', 't', { until: 16 }), completed('import', 't', 6)),
      )
  })

  it('is added after all of its dependencies, even if many tasks share them', () => {
    const [b, c, d] = [{ needs: ['a'] }, { needs: ['a'] }, { needs: ['b', 'c'] }]
    const done = { status: 'done' } as const
    given(empty)
      .when(
        importTasks(
          importedTask('d', done, d),
          importedTask('c', done, c),
          importedTask('b', done, b),
          importedTask('a', done),
        ),
        0,
      )
      .then(
        at(0, added('d', 'docs', d), added('c', 'docs', c), added('b', 'docs', b), added('a', 'docs')),
        at(0, claimed('import', 'a'), completed('import', 'a', 6)),
        at(0, claimed('import', 'c'), completed('import', 'c', 8)),
        at(0, claimed('import', 'b'), completed('import', 'b', 10)),
        at(0, claimed('import', 'd'), completed('import', 'd', 12)),
      )
  })

  it('cannot wait for another attempt before its dependencies are done', () => {
    given(empty)
      .when(
        importTasks(
          importedTask('a', { status: 'ready' }),
          importedTask('t', { status: 'ready', retryAt: time(9) }, { needs: ['a'] }),
        ),
        0,
      )
      .thenRefused({ error: 'bad_input', detail: 't is claimed, but it depends on a, which is not done' })
  })

  it('stays as it is if a task has the same key, even with another id', () => {
    given(at(0, opened(), added('t', 'docs', { key: 'k' })))
      .when(importTasks(importedTask('u', { status: 'done' }, { key: 'k', tags: ['x'] })), 1)
      .thenNothing({ taskIds: [], seq: 2 })
  })
})

describe('an import next to an expired lease with no attempts left', () => {
  const expiredLease = at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), claimed('ann', 't'))

  it('records the failure if it adds a task that is done, as that was claimed', () => {
    given(expiredLease)
      .when(importTasks(importedTask('u', { status: 'done' })), 20)
      .then(
        at(20, added('u', 'docs'), claimed('import', 'u', { until: 35 }), completed('import', 'u', 5)),
        at(20, failed('ann', 't', 3, expiryError)),
      )
  })

  it('does not record it without a claim of the kind', () => {
    given(expiredLease)
      .when(
        importTasks(importedTask('u', { status: 'ready' }), importedTask('v', { status: 'done' }, { kind: 'ci' })),
        20,
      )
      .then(
        at(20, added('u', 'docs'), added('v', 'ci')),
        at(20, claimed('import', 'v', { until: 35 }), completed('import', 'v', 6)),
      )
  })

  it('returns the seq of its last event', () => {
    const { decided } = given(expiredLease).when(importTasks(importedTask('u', { status: 'done' })), 20)
    expect(E.isRight(decided) && [decided.right.seq, decided.right.events.at(-1)?.seq]).toEqual([7, 7])
  })
})

describe('an imported lease that has expired with no attempts left', () => {
  const expiredImport = [
    at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs')),
    at(20, claimed('ann', 't', { until: 15 })),
  ]

  it('is recorded by the next claim, and does not hide the task after it', () => {
    given(...expiredImport)
      .when(claim('bob'), 20)
      .then(at(20, failed('ann', 't', 4, expiryError), claimed('bob', 'u', { until: 35 })))
  })
})

describe('an import of a kind that is at its limit', () => {
  const fullKind = at(0, opened(), added('t', 'docs'), claimed('ann', 't'), limited('docs', 1))

  it('may add tasks without a live claim: ready, finished, on hold, or with an expired lease', () => {
    const { decided } = given(fullKind).when(
      importTasks(
        importedTask('a', { status: 'ready' }),
        importedTask('b', { status: 'held' }),
        importedTask('c', { status: 'cancelled', worker: 'bob' }),
        importedTask('d', { status: 'ready', worker: 'bob', leaseUntil: time(1) }),
      ),
      1,
    )
    expect(E.isRight(decided) && decided.right.taskIds).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is refused with a live lease, or one without an end', () => {
    for (const leaseUntil of [time(2), null, undefined])
      given(fullKind)
        .when(importTasks(importedTask('u', { status: 'ready', worker: 'bob', leaseUntil })), 1)
        .thenRefused({ error: 'kind_full', kind: 'docs', limit: 1 })
  })
})
