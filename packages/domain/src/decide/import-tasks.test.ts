import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  cancelled,
  claim,
  claimed,
  completed,
  failed,
  given,
  held,
  limited,
  opened,
  type UntimedCommand,
  renewed,
  time,
} from '../../testing/decider-specification.ts'
import type { NewTask } from './tasks/new-task.ts'
import type { ImportedState, ImportedTask } from './tasks/imported-task.ts'

const empty = at(0, opened())
const importedTask = (taskId: string, importedState: ImportedState, more: Partial<NewTask> = {}): ImportedTask => ({
  task: { taskId, kind: 'docs', ...more },
  importedState,
})
const importTasks = (...tasks: ReadonlyArray<ImportedTask>): UntimedCommand => ({ command: 'import', tasks })

describe('an imported task', () => {
  it('is ready if it was ready', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready' }, { priority: 2 })), 1)
      .then(at(1, added('t', 'docs', { priority: 2 })))
  })

  it('is on hold if it was on hold', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'held', reason: 'ask' })), 1)
      .then(at(1, added('t', 'docs'), held('t', 'ask')))
  })

  it('is claimed if it was claimed, with the same end of the lease, else with a new lease', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready', worker: 'ann', leaseUntil: time(7) })), 1)
      .then(at(1, added('t', 'docs'), claimed('ann', 't', { until: 7 })))
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready', worker: 'ann' })), 1)
      .then(at(1, added('t', 'docs'), claimed('ann', 't', { until: 16 })))
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready', worker: 'ann', leaseUntil: null })), 1)
      .then(at(1, added('t', 'docs'), claimed('ann', 't', { until: null })))
  })

  it('can be claimed at once if its lease has expired', () => {
    given(at(0, opened(), added('t', 'docs')), at(20, claimed('ann', 't', { until: 10 })))
      .when(claim('bob'), 20)
      .then(at(20, claimed('bob', 't', { attempt: 2, until: 35 })))
  })

  it('can be renewed by its holder at once', () => {
    given(at(1, opened(), added('t', 'docs'), claimed('ann', 't', { until: 7 })))
      .when({ command: 'renew', worker: 'ann', taskId: 't' }, 2)
      .then(at(2, renewed('ann', 't', 3, 17)))
  })

  it('is done if it was done, by the same worker if known', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'done', worker: 'ann', result: { n: 1 } })), 1)
      .then(at(1, added('t', 'docs'), claimed('ann', 't', { until: 16 }), completed('ann', 't', 3, { n: 1 })))
    given(empty)
      .when(importTasks(importedTask('t', { status: 'done' })), 1)
      .then(at(1, added('t', 'docs'), claimed('import', 't', { until: 16 }), completed('import', 't', 3)))
  })

  it('has failed if it had failed', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'failed', error: 'no disk' })), 1)
      .then(at(1, added('t', 'docs'), claimed('import', 't', { until: 16 }), failed('import', 't', 3, 'no disk')))
  })

  it('is cancelled if it was cancelled', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'cancelled', reason: 'old' })), 1)
      .then(at(1, added('t', 'docs'), cancelled('t', 'old')))
  })

  it('may be finished after its dependencies, in any order of the file', () => {
    given(empty)
      .when(
        importTasks(
          importedTask('c', { status: 'ready', worker: 'bob', leaseUntil: null }, { needs: ['b'] }),
          importedTask('b', { status: 'done' }, { needs: ['a'] }),
          importedTask('a', { status: 'done' }),
        ),
        0,
      )
      .then(
        at(0, added('c', 'docs', { needs: ['b'] }), added('b', 'docs', { needs: ['a'] }), added('a', 'docs')),
        at(0, claimed('import', 'a'), completed('import', 'a', 5)),
        at(0, claimed('import', 'b'), completed('import', 'b', 7)),
        at(0, claimed('bob', 'c', { until: null })),
      )
  })

  it('gets no hold if its dependencies block it anyway, unless the hold has a reason', () => {
    const needs = { needs: ['a'] }
    given(empty)
      .when(importTasks(importedTask('a', { status: 'ready' }), importedTask('b', { status: 'held' }, needs)), 0)
      .then(at(0, added('a', 'docs'), added('b', 'docs', needs)))
    given(empty)
      .when(
        importTasks(
          importedTask('a', { status: 'ready' }),
          importedTask('b', { status: 'held', reason: 'ask' }, needs),
        ),
        0,
      )
      .then(at(0, added('a', 'docs'), added('b', 'docs', needs), held('b', 'ask')))
    given(empty)
      .when(importTasks(importedTask('a', { status: 'done' }), importedTask('b', { status: 'held' }, needs)), 0)
      .then(
        at(0, added('a', 'docs'), added('b', 'docs', needs)),
        at(0, claimed('import', 'a'), completed('import', 'a', 4), held('b')),
      )
  })
})

describe('an import', () => {
  const fileTasks = importTasks(
    importedTask('a', { status: 'done', worker: 'ann' }),
    importedTask('b', { status: 'ready', worker: 'bob' }),
    importedTask('c', { status: 'held' }, { payload: { n: 1 } }),
  )

  it('again changes nothing', () => {
    const first = given(empty).when(fileTasks, 0).decided
    if (E.isLeft(first)) throw new Error(first.left.error)
    expect(first.right.taskIds).toEqual(['a', 'b', 'c'])
    given(empty, first.right.events)
      .when(fileTasks, 1)
      .thenNothing({ taskIds: [], seq: first.right.events.length + 1 })
  })

  it('leaves an existing task as it is', () => {
    given(at(0, opened(), added('t', 'docs')), at(0, claimed('ann', 't'), completed('ann', 't', 3)))
      .when(
        importTasks(importedTask('t', { status: 'ready', worker: 'bob' }), importedTask('u', { status: 'ready' })),
        1,
      )
      .then(at(1, added('u', 'docs')))
  })

  it('records other expired claims with no attempts left, as any claim does', () => {
    const error = `the lease expired at ${time(15)} and no attempts are left`
    given(at(0, opened({ maxAttempts: 1 }), added('t', 'docs')), at(0, claimed('ann', 't')))
      .when(importTasks(importedTask('u', { status: 'ready', worker: 'bob' })), 20)
      .then(at(20, added('u', 'docs'), claimed('bob', 'u', { until: 35 }), failed('ann', 't', 3, error)))
  })

  it('refuses more claims than the limit of a kind allows', () => {
    const givenLimit = (limit: number) =>
      at(0, opened(), added('t', 'docs'), claimed('ann', 't'), limited('docs', limit))
    const two = importTasks(
      importedTask('u', { status: 'ready', worker: 'bob' }),
      importedTask('v', { status: 'ready', worker: 'cem' }),
    )
    given(givenLimit(2)).when(two, 1).thenRefused({ error: 'kind_full', kind: 'docs', limit: 2 })
    const claims = [claimed('bob', 'u', { until: 16 }), claimed('cem', 'v', { until: 16 })]
    given(givenLimit(3))
      .when(two, 1)
      .then(at(1, added('u', 'docs'), added('v', 'docs'), ...claims))
  })

  it('is refused as a whole if a task differs from an existing one', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(
        importTasks(
          importedTask('u', { status: 'ready' }),
          importedTask('t', { status: 'ready' }, { kind: 'ci', tags: ['x'] }),
        ),
        1,
      )
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['kind', 'tags'], imported: true })
  })

  it('refuses dependencies that are unknown or form a cycle', () => {
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready' }, { needs: ['x'] })), 0)
      .thenRefused({ error: 'unknown_task', taskId: 'x', dependentId: 't' })
    given(empty)
      .when(
        importTasks(
          importedTask('a', { status: 'ready' }, { needs: ['b'] }),
          importedTask('b', { status: 'ready' }, { needs: ['a'] }),
        ),
        0,
      )
      .thenRefused({ error: 'needs_cycle', path: ['a', 'b', 'a'] })
  })

  it.each([
    ['done', { status: 'done' }],
    ['failed', { status: 'failed' }],
    ['claimed', { status: 'ready', worker: 'ann' }],
  ] as const)('refuses a task that is %s before its dependencies are done', (status, importedState) => {
    given(empty)
      .when(importTasks(importedTask('a', { status: 'ready' }), importedTask('t', importedState, { needs: ['a'] })), 0)
      .thenRefused({ error: 'bad_input', detail: `t is ${status}, but it depends on a, which is not done` })
  })
})
