import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  added,
  at,
  claimed,
  commandAt,
  completed,
  failed,
  given,
  opened,
  stateOf,
  time,
} from '../../testing/decider-specification.ts'
import { fold } from '../evolve/evolve.ts'
import { type Command, decide } from './index.ts'
import type { NewTask } from './tasks/new-task.ts'

const empty = at(0, opened())

describe('adding no tasks at all', () => {
  it('writes nothing, and answers with where the log ends', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(add(), 1)
      .thenNothing({ taskIds: [], seq: 2 })
  })
})

describe('adding a task', () => {
  it('records all that was said of it', () => {
    const said = {
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
      .when({ command: 'add', tasks: [{ taskId: 'inspect', kind: 'docs', ...said }], by: 'ann', requestId: 'r-1' }, 1)
      .then(at(1, { event: 'added', taskId: 'inspect', kind: 'docs', ...said, by: 'ann', requestId: 'r-1' }))
  })

  it('answers with the tasks in the order they were given', () => {
    const { decided } = given(at(0, opened(), added('b', 'docs'))).when(
      add({ kind: 'docs', taskId: 'c' }, { kind: 'docs', taskId: 'b' }, { kind: 'docs', taskId: 'a' }),
      0,
    )
    expect(E.isRight(decided) && { taskIds: decided.right.taskIds, seq: decided.right.seq }).toEqual({
      taskIds: ['c', 'b', 'a'],
      seq: 4,
    })
  })

  it('makes no event earlier than the log, whatever the clock says', () => {
    given(at(10, opened()))
      .when(add({ kind: 'docs', taskId: 't' }), 5)
      .then(at(10, { ...added('t', 'docs'), clock: time(5) }))
  })
})

describe('a task that was added without an id', () => {
  it('is named after its kind and the seq of its event', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(add({ kind: 'docs' }, { kind: 'ci' }, { kind: 'docs' }), 0)
      .then(at(0, added('docs-3', 'docs'), added('ci-4', 'ci'), added('docs-5', 'docs')))
  })

  it('gets a free name where somebody chose that one by hand', () => {
    given(at(0, opened(), added('docs-3', 'docs')))
      .when(add({ kind: 'docs' }), 0)
      .then(at(0, added('docs-3-2', 'docs')))
  })

  it('takes no name from a task that comes later in the same batch', () => {
    const { decided } = given(empty).when(add({ kind: 'docs' }, { kind: 'docs', taskId: 'docs-2' }), 0)
    const ids = E.isRight(decided) ? decided.right.taskIds : decided.left
    expect(ids).toHaveLength(2)
    expect(new Set(ids as ReadonlyArray<string>).size).toBe(2)
    expect(E.isRight(decided) && decided.right.events).toHaveLength(2)
  })

  it('has a valid id even under the longest kind', () => {
    const kind = 'k'.repeat(64)
    given(empty)
      .when(add({ kind }), 0)
      .then(at(0, added(`${kind}-2`, kind)))
  })
})

describe('a task that is there already', () => {
  const there = at(0, opened(), added('t', 'docs', { payload: { a: 1, b: [2] }, tags: ['x'] }))

  it('is not added again when it is the same, whatever the order of its fields', () => {
    given(there)
      .when(add({ kind: 'docs', taskId: 't', tags: ['x'], payload: { b: [2], a: 1 } }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('answers as it stands once it is done', () => {
    given(there, at(1, claimed('ann', 't', { until: 16 }), completed('ann', 't', 3)))
      .when(add({ kind: 'docs', taskId: 't', payload: { a: 1, b: [2] }, tags: ['x'] }), 2)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('refuses a different one under its id and names the fields that differ, as files spell them', () => {
    given(there)
      .when(add({ kind: 'ci', taskId: 't', payload: { a: 1, b: [3] }, tags: ['x'], maxAttempts: 2 }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['kind', 'payload', 'max_attempts'] })
    given(there)
      .when(add({ kind: 'docs', taskId: 't', payload: { a: 1, b: [2] } }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['tags'] })
  })

  it('may come twice in one batch when it is the same, and not when it differs', () => {
    const twice = (second: NewTask) => given(empty).when(add({ kind: 'docs', taskId: 'u' }, second), 0)
    twice({ kind: 'docs', taskId: 'u' }).then(at(0, added('u', 'docs')))
    twice({ kind: 'docs', taskId: 'u', priority: 1 }).thenRefused({
      error: 'task_exists',
      taskId: 'u',
      fields: ['priority'],
    })
  })

  it('lets the rest of the batch be added', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when(add({ kind: 'docs', taskId: 't' }, { kind: 'docs', taskId: 'u', needs: ['t'] }), 1)
      .then(at(1, added('u', 'docs', { needs: ['t'] })))
  })

  it('spoils the whole batch when one of it differs', () => {
    given(there)
      .when(add({ kind: 'docs', taskId: 'new' }, { kind: 'ci', taskId: 't' }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['kind', 'payload', 'tags'] })
  })
})

describe('a key', () => {
  const there = at(0, opened(), added('t', 'docs', { key: 'nightly' }))

  it('never makes a second task', () => {
    given(there)
      .when(add({ kind: 'docs', key: 'nightly' }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
    given(there)
      .when(add({ kind: 'docs', taskId: 'another', key: 'nightly' }), 1)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('keeps its task when that one is finished', () => {
    given(there, at(1, claimed('ann', 't', { until: 16 }), failed('ann', 't', 3, 'no')))
      .when(add({ kind: 'docs', key: 'nightly' }), 2)
      .thenNothing({ taskIds: ['t'], seq: 2 })
  })

  it('makes one task when it comes twice in a batch', () => {
    given(empty)
      .when(add({ kind: 'docs', key: 'k' }, { kind: 'docs', key: 'k' }), 0)
      .then(at(0, added('docs-2', 'docs', { key: 'k' })))
  })

  it('is part of what makes two tasks the same', () => {
    given(there)
      .when(add({ kind: 'docs', taskId: 't', key: 'weekly' }), 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['key'] })
  })
})

describe('a need', () => {
  it('must exist, or come in the same batch', () => {
    given(empty)
      .when(add({ kind: 'docs', taskId: 't', needs: ['nowhere'] }), 0)
      .thenRefused({ error: 'unknown_task', taskId: 'nowhere', neededBy: 't' })
  })

  it('may come later in the batch than the task that needs it', () => {
    given(empty)
      .when(add({ kind: 'docs', taskId: 'b', needs: ['a'] }, { kind: 'docs', taskId: 'a' }), 0)
      .then(at(0, added('b', 'docs', { needs: ['a'] }), added('a', 'docs')))
  })

  it('refuses a circle with its path', () => {
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

  it('may be shared: a diamond is no circle', () => {
    const diamond = [
      { kind: 'docs', taskId: 'd', needs: ['b', 'c'] },
      { kind: 'docs', taskId: 'b', needs: ['a'] },
      { kind: 'docs', taskId: 'c', needs: ['a'] },
      { kind: 'docs', taskId: 'a' },
    ]
    const { decided } = given(empty).when(add(...diamond), 0)
    expect(E.isRight(decided) && decided.right.taskIds).toEqual(['d', 'b', 'c', 'a'])
  })

  it('that is done blocks nobody, and one named twice counts once', () => {
    const needing = (more: Partial<NewTask>) =>
      stateOf(
        at(0, opened(), added('a', 'docs'), added('b', 'docs')),
        at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 4), added('t', 'docs', more)),
      ).table.get('t')
    expect(needing({ needs: ['a'] })?.status).toBe('ready')
    expect(needing({ needs: ['a', 'b'] })?.status).toBe('blocked')
    const twice = stateOf(
      at(0, opened(), added('b', 'docs'), added('t', 'docs', { needs: ['b', 'b'] })),
      at(1, claimed('ann', 'b', { until: 16 }), completed('ann', 'b', 4)),
    )
    expect(twice.table.get('t')?.status).toBe('ready')
  })
})

describe('a task that is needed in many ways', () => {
  it('is looked at once: sixty layers of two, each needing both below, make 2^60 paths', () => {
    const layers = Array.from({ length: 60 }, (_, i) =>
      ['a', 'b'].map(side => ({
        kind: 'docs',
        taskId: `${side}${i}`,
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
    let state = stateOf(empty)
    const run = (command: Command): ReadonlyArray<string> => {
      const decided = decide(command, state)
      if (E.isLeft(decided)) throw new Error(JSON.stringify(decided.left))
      state = fold(state, decided.right.events)
      return decided.right.taskIds
    }
    run(commandAt(0, add(...tasks)))
    for (let i = 0; i < tasks.length; i += 1) {
      const [taskId = ''] = run(commandAt(0, { command: 'claim', worker: 'ann', kinds: [] }))
      run(commandAt(0, { command: 'complete', worker: 'ann', taskId }))
    }
    expect(state.table.count('open', '')).toBe(0)
    expect(state.table.count('finished', '')).toBe(count)
  }

  it('may form a chain, the last given first', () => {
    const chain = Array.from({ length: count }, (_, i) => ({
      kind: 'docs',
      taskId: `t${i}`,
      needs: i + 1 < count ? [`t${i + 1}`] : undefined,
    }))
    addAndFinishAll(chain)
  })

  it('may form a chain that closes at its far end, which is refused', () => {
    const ring = Array.from({ length: count }, (_, i) => ({
      kind: 'docs',
      taskId: `t${i}`,
      needs: [`t${(i + 1) % count}`],
    }))
    const decided = decide(commandAt(0, add(...ring)), stateOf(empty))
    expect(E.isLeft(decided) && decided.left.error === 'needs_cycle' && decided.left.path.length).toBe(count + 1)
  })

  it('may all be needed by one, or all need one', () => {
    const first = Array.from({ length: count - 1 }, (_, i) => ({ kind: 'docs', taskId: `t${i}` }))
    const last = { kind: 'docs', taskId: 'last', needs: first.map(task => task.taskId) }
    addAndFinishAll([last, ...first])
    const fan = first.map(task => ({ ...task, needs: ['root'] }))
    addAndFinishAll([...fan, { kind: 'docs', taskId: 'root' }])
  })

  it('may all come without an id', () => {
    const nameless = Array.from({ length: count }, () => ({ kind: 'docs' }))
    addAndFinishAll(nameless)
  })
})

describe('a time from now', () => {
  it('is counted from when the tasks are added, and gives way to the one that a task names', () => {
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

describe('a batch of nothing', () => {
  it('writes nothing', () => {
    const { decided } = given(empty).when(add(), 0)
    expect(E.isRight(decided) && decided.right.events).toEqual([])
  })
})
