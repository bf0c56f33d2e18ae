import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  added,
  at,
  claimed,
  addCommandTime,
  completed,
  failed,
  given,
  opened,
  buildState,
  time,
} from '../../testing/decider-specification.ts'
import { fold } from '../evolve/evolve.ts'
import { type Command, decide } from './index.ts'
import type { NewTask } from './tasks/new-task.ts'

const empty = at(0, opened())

describe('adding no tasks at all', () => {
  it('writes nothing and returns the last seq of the log', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(add(), 1)
      .thenNothing({ taskIds: [], seq: 2 })
  })
})

describe('adding a task', () => {
  it('records all of its fields', () => {
    const fields = {
      title: 'Inspect the docs',
      payload: { path: ['docs', 1, null] },
      needs: ['before'],
      priority: 0,
      notBefore: time(60),
      maxAttempts: 1,
      backoff: { firstMs: 5, maxMs: 50 },
      leaseMs: null,
      key: 'nightly',
      tags: ['a', 'b'],
    }
    given(at(0, opened(), added('before', 'docs')))
      .when({ command: 'add', tasks: [{ taskId: 'inspect', kind: 'docs', ...fields }], by: 'ann', requestId: 'r-1' }, 1)
      .then(at(1, { event: 'added', taskId: 'inspect', kind: 'docs', ...fields, by: 'ann', requestId: 'r-1' }))
  })

  it('returns the tasks in the given order', () => {
    const { decided } = given(at(0, opened(), added('b', 'docs'))).when(
      add({ kind: 'docs', taskId: 'c' }, { kind: 'docs', taskId: 'b' }, { kind: 'docs', taskId: 'a' }),
      0,
    )
    expect(E.isRight(decided) && { taskIds: decided.right.taskIds, seq: decided.right.seq }).toEqual({
      taskIds: ['c', 'b', 'a'],
      seq: 4,
    })
  })

  it('never writes a time before that of the log, even if the clock was set back', () => {
    given(at(10, opened()))
      .when(add({ kind: 'docs', taskId: 't' }), 5)
      .then(at(10, { ...added('t', 'docs'), clock: time(5) }))
  })
})

describe('a task that was added without an id', () => {
  it('gets an id from its kind and the seq of its event', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(add({ kind: 'docs' }, { kind: 'ci' }, { kind: 'docs' }), 0)
      .then(at(0, added('docs-3', 'docs'), added('ci-4', 'ci'), added('docs-5', 'docs')))
  })

  it('gets another id if that one is already in use', () => {
    given(at(0, opened(), added('docs-3', 'docs')))
      .when(add({ kind: 'docs' }), 0)
      .then(at(0, added('docs-3-2', 'docs')))
  })

  it('does not get the id of a later task of the same batch', () => {
    const { decided } = given(empty).when(add({ kind: 'docs' }, { kind: 'docs', taskId: 'docs-2' }), 0)
    const ids = E.isRight(decided) ? decided.right.taskIds : decided.left
    expect(ids).toHaveLength(2)
    expect(new Set(ids as ReadonlyArray<string>).size).toBe(2)
    expect(E.isRight(decided) && decided.right.events).toHaveLength(2)
  })

  it('has a valid id even with the longest kind', () => {
    const kind = 'k'.repeat(64)
    given(empty)
      .when(add({ kind }), 0)
      .then(at(0, added(`${kind}-2`, kind)))
  })
})

describe('a task that exists already', () => {
  const existing = at(0, opened(), added('t', 'docs', { payload: { a: 1, b: [2] }, tags: ['x'] }))

  it('is not added again if it is the same, in any order of fields', () => {
    given(existing)
      .when(add({ kind: 'docs', taskId: 't', tags: ['x'], payload: { b: [2], a: 1 } }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('is returned as it is once it is done', () => {
    given(existing, at(1, claimed('ann', 't', { until: 16 }), completed('ann', 't', 3)))
      .when(add({ kind: 'docs', taskId: 't', payload: { a: 1, b: [2] }, tags: ['x'] }), 2)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('refuses a different task with its id and names the fields that differ', () => {
    given(existing)
      .when(add({ kind: 'ci', taskId: 't', payload: { a: 1, b: [3] }, tags: ['x'], maxAttempts: 2 }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['kind', 'payload', 'maxAttempts'] })
    given(existing)
      .when(add({ kind: 'docs', taskId: 't', payload: { a: 1, b: [2] } }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['tags'] })
  })

  it('may occur twice in one batch if it is the same, but not if it differs', () => {
    const duplicates = (duplicate: NewTask) => given(empty).when(add({ kind: 'docs', taskId: 'u' }, duplicate), 0)
    duplicates({ kind: 'docs', taskId: 'u' }).then(at(0, added('u', 'docs')))
    duplicates({ kind: 'docs', taskId: 'u', priority: 1 }).thenRefused({
      error: 'task_exists',
      taskId: 'u',
      fields: ['priority'],
    })
  })

  it('does not keep the rest of the batch from being added', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(add({ kind: 'docs', taskId: 't' }, { kind: 'docs', taskId: 'u', needs: ['t'] }), 1)
      .then(at(1, added('u', 'docs', { needs: ['t'] })))
  })

  it('refuses the whole batch if one task differs', () => {
    given(existing)
      .when(add({ kind: 'docs', taskId: 'new' }, { kind: 'ci', taskId: 't' }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['kind', 'payload', 'tags'] })
  })
})

describe('a key', () => {
  const existing = at(0, opened(), added('t', 'docs', { key: 'nightly' }))

  it('never creates a second task', () => {
    given(existing)
      .when(add({ kind: 'docs', key: 'nightly' }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
    given(existing)
      .when(add({ kind: 'docs', taskId: 'another', key: 'nightly' }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('still belongs to its task once that is finished', () => {
    given(existing, at(1, claimed('ann', 't', { until: 16 }), failed('ann', 't', 3, 'no')))
      .when(add({ kind: 'docs', key: 'nightly' }), 2)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('creates one task if it occurs twice in a batch', () => {
    given(empty)
      .when(add({ kind: 'docs', key: 'k' }, { kind: 'docs', key: 'k' }), 0)
      .then(at(0, added('docs-2', 'docs', { key: 'k' })))
  })

  it('is compared like any other field', () => {
    given(existing)
      .when(add({ kind: 'docs', taskId: 't', key: 'weekly' }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['key'] })
  })
})

describe('a dependency', () => {
  it('must exist or be in the same batch', () => {
    given(empty)
      .when(add({ kind: 'docs', taskId: 't', needs: ['nowhere'] }), 0)
      .thenRefused({ error: 'unknown_task', taskId: 'nowhere', dependentId: 't' })
  })

  it('may come later in the batch than its dependent', () => {
    given(empty)
      .when(add({ kind: 'docs', taskId: 'b', needs: ['a'] }, { kind: 'docs', taskId: 'a' }), 0)
      .then(at(0, added('b', 'docs', { needs: ['a'] }), added('a', 'docs')))
  })

  it('is refused with the path if it closes a cycle', () => {
    given(at(0, opened(), added('old', 'docs')))
      .when(
        add(
          { kind: 'docs', taskId: 'start', needs: ['old', 'a'] },
          { kind: 'docs', taskId: 'a', needs: ['b'] },
          { kind: 'docs', taskId: 'b', needs: ['c'] },
          { kind: 'docs', taskId: 'c', needs: ['a'] },
        ),
        0,
      )
      .thenRefused({ error: 'needs_cycle', path: ['a', 'b', 'c', 'a'] })
    given(empty)
      .when(add({ kind: 'docs', taskId: 'a', needs: ['a'] }), 0)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'a'] })
  })

  it('may be shared: a diamond is not a cycle', () => {
    const diamond = [
      { kind: 'docs', taskId: 'd', needs: ['b', 'c'] },
      { kind: 'docs', taskId: 'b', needs: ['a'] },
      { kind: 'docs', taskId: 'c', needs: ['a'] },
      { kind: 'docs', taskId: 'a' },
    ]
    const { decided } = given(empty).when(add(...diamond), 0)
    expect(E.isRight(decided) && decided.right.taskIds).toEqual(['d', 'b', 'c', 'a'])
  })

  it('that is done blocks no task, and one listed twice counts once', () => {
    const withNeeds = (more: Partial<NewTask>) =>
      buildState(
        at(0, opened(), added('a', 'docs'), added('b', 'docs')),
        at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 4), added('t', 'docs', more)),
      ).table.get('t')
    expect(withNeeds({ needs: ['a'] })?.status).toBe('ready')
    expect(withNeeds({ needs: ['a', 'b'] })?.status).toBe('blocked')
    const duplicates = buildState(
      at(0, opened(), added('b', 'docs'), added('t', 'docs', { needs: ['b', 'b'] })),
      at(1, claimed('ann', 'b', { until: 16 }), completed('ann', 'b', 4)),
    )
    expect(duplicates.table.get('t')?.status).toBe('ready')
  })
})

describe('a task with many paths to it', () => {
  it('is visited once: sixty layers of two tasks, each depending on both below, have 2^60 paths', () => {
    const layers = Array.from({ length: 60 }, (_, i) =>
      ['a', 'b'].map(diamondSide => ({
        kind: 'docs',
        taskId: `${diamondSide}${i}`,
        needs: i === 59 ? undefined : [`a${i + 1}`, `b${i + 1}`],
      })),
    )
    const { decided } = given(empty).when(add(...layers.flat()), 0)
    expect(E.isRight(decided) && decided.right.events).toHaveLength(120)
  })
})

describe('ten thousand tasks', () => {
  const count = 10_000

  const addAndFinishAll = (tasks: ReadonlyArray<NewTask>): void => {
    let state = buildState(empty)
    const run = (command: Command): ReadonlyArray<string> => {
      const decided = decide(command, state)
      if (E.isLeft(decided)) throw new Error(JSON.stringify(decided.left))
      state = fold(state, decided.right.events)
      return decided.right.taskIds
    }
    run(addCommandTime(0, add(...tasks)))
    for (let i = 0; i < tasks.length; i += 1) {
      const [taskId = ''] = run(addCommandTime(0, { command: 'claim', worker: 'ann', kinds: [] }))
      run(addCommandTime(0, { command: 'complete', worker: 'ann', taskId }))
    }
    expect(state.table.count('open', '')).toBe(0)
    expect(state.table.count('finished', '')).toBe(count)
  }

  it('may form a chain, given in reverse order', () => {
    const chainTasks = Array.from({ length: count }, (_, i) => ({
      kind: 'docs',
      taskId: `t${i}`,
      needs: i + 1 < count ? [`t${i + 1}`] : undefined,
    }))
    addAndFinishAll(chainTasks)
  })

  it('are refused as a chain whose ends are joined', () => {
    const cycle = Array.from({ length: count }, (_, i) => ({
      kind: 'docs',
      taskId: `t${i}`,
      needs: [`t${(i + 1) % count}`],
    }))
    const decided = decide(addCommandTime(0, add(...cycle)), buildState(empty))
    expect(E.isLeft(decided) && decided.left.error === 'needs_cycle' && decided.left.path.length).toBe(count + 1)
  })

  it('may be the dependencies, or the dependents, of one task', () => {
    const first = Array.from({ length: count - 1 }, (_, i) => ({ kind: 'docs', taskId: `t${i}` }))
    const last = { kind: 'docs', taskId: 'last', needs: first.map(task => task.taskId) }
    addAndFinishAll([last, ...first])
    const dependents = first.map(task => ({ ...task, needs: ['root'] }))
    addAndFinishAll([...dependents, { kind: 'docs', taskId: 'root' }])
  })

  it('may be added without ids', () => {
    const unnamed = Array.from({ length: count }, () => ({ kind: 'docs' }))
    addAndFinishAll(unnamed)
  })
})

describe('a delay', () => {
  it('counts from the time of the command, and the time of a task has precedence', () => {
    given(empty)
      .when(
        {
          command: 'add',
          tasks: [
            { kind: 'docs', taskId: 't' },
            { kind: 'docs', taskId: 'u', notBefore: time(9) },
          ],
          delayMs: 60_000,
        },
        1,
      )
      .then(at(1, added('t', 'docs', { notBefore: time(2) }), added('u', 'docs', { notBefore: time(9) })))
  })
})

describe('an empty batch', () => {
  it('writes nothing', () => {
    const { decided } = given(empty).when(add(), 0)
    expect(E.isRight(decided) && decided.right.events).toEqual([])
  })
})
