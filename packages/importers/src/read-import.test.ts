import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { type Command, decide, emptyState, fold, type State } from '@claimlog/domain'
import { queueFileText } from '@claimlog/queue-file'
import { readImport } from './read-import.ts'

const lab = (name: string): string => readFileSync(new URL(`../../../fixtures/lab/${name}`, import.meta.url), 'utf8')

/** The tasks in a file, or its error. */
const readTasks = (text: string, kind?: string) =>
  pipe(
    readImport(text, { kind }),
    E.map(({ tasks }) => tasks),
  )

const ready = { status: 'ready' }
const readError = (text: string): string => {
  const read = readTasks(text)
  return E.isLeft(read) ? read.left : 'it was read'
}

describe('a queue file of the lab', () => {
  const expected = [
    { task: { taskId: 'inspect-docs', kind: 'docs' }, importedState: ready },
    { task: { taskId: 'run-validation', kind: 'validation' }, importedState: ready },
    { task: { taskId: 'publish-summary', kind: 'docs' }, importedState: { status: 'held' } },
  ]

  it('is read as it is; a blocked task is imported on hold', () => {
    expect(readTasks(lab('queue.json'))).toEqual(E.right(expected))
  })

  it('may begin with a byte order mark and end its lines with CRLF', () => {
    expect(readTasks(`\ufeff${lab('queue.json').replaceAll('\n', '\r\n')}`)).toEqual(E.right(expected))
  })

  it('may be on one line', () => {
    expect(readTasks(JSON.stringify(JSON.parse(lab('queue.json'))))).toEqual(E.right(expected))
  })

  it('may have claims, which are imported without their tokens', () => {
    const text = lab('queue.json').replace(
      '"claims": []',
      '"claims": [{"worker": "ann", "task_id": "inspect-docs"}, ' +
        '{"worker": "bob", "task_id": "run-validation", "token": 7, "lease_until": "2025-01-01T12:15:00.000Z"}]',
    )
    expect(readTasks(text)).toEqual(
      E.right([
        { ...expected[0], importedState: { status: 'ready', worker: 'ann' } },
        { ...expected[1], importedState: { status: 'ready', worker: 'bob', leaseUntil: '2025-01-01T12:15:00.000Z' } },
        expected[2],
      ]),
    )
  })

  it('is refused if a claim is on a missing or blocked task', () => {
    const claimText = (id: string) =>
      lab('queue.json').replace('"claims": []', `"claims": [{"worker": "ann", "task_id": "${id}"}]`)
    expect(readError(claimText('nowhere'))).toBe('ann claims nowhere, which is not among the tasks')
    expect(readError(claimText('publish-summary'))).toBe('publish-summary is blocked, so it cannot be claimed')
  })

  it('is refused if two claims are on one task', () => {
    const text = lab('queue.json').replace(
      '"claims": []',
      '"claims": [{"worker": "ann", "task_id": "inspect-docs"}, {"worker": "bob", "task_id": "inspect-docs"}]',
    )
    expect(E.isLeft(readTasks(text))).toBe(true)
    expect(readError(text)).toContain('inspect-docs')
  })

  it('is refused with an unknown field, which is named', () => {
    expect(readError(lab('queue.json').replace('"claims"', '"klaims"'))).toContain('unknown field "klaims"')
    expect(readError(lab('queue.json').replace('"kind": "docs",', '"kind": "docs", "colour": 1,'))).toBe(
      'task 1 has an unknown field "colour"',
    )
    expect(readError('{"tasks":[{"id":"t","kind":"docs","__proto__":{}}],"claims":[]}')).toBe(
      'task 1 has an unknown field "__proto__"',
    )
  })

  it('is refused with an invalid status or name, with its position', () => {
    expect(readError('{"tasks":[{"id":"t","kind":"docs","status":"lost"}],"claims":[]}')).toMatch(
      /^task 1:? status must be/,
    )
    expect(readError('{"tasks":[{"id":"a b","kind":"docs"}],"claims":[]}')).toMatch(/^task 1:? id must be a task id/)
    expect(readError('{"tasks":[{"kind":"docs"}],"claims":[]}')).toMatch(/^task 1\b.* needs "id"$/)
    expect(readError('{"tasks":{},"claims":[]}')).toContain('tasks must be')
  })
})

describe('a task graph of the lab', () => {
  const graph = (kind: string) => [
    { task: { taskId: 'collect-notes', kind, title: 'Collect the notes' }, importedState: { status: 'done' } },
    {
      task: { taskId: 'draft-outline', kind, title: 'Draft the outline', needs: ['collect-notes'] },
      importedState: ready,
    },
    {
      task: { taskId: 'write-sections', kind, title: 'Write the sections', needs: ['draft-outline'] },
      importedState: ready,
    },
    {
      task: { taskId: 'make-figures', kind, title: 'Make the figures', needs: ['draft-outline'] },
      importedState: ready,
    },
    {
      task: { taskId: 'publish', kind, title: 'Publish', needs: ['write-sections', 'make-figures'] },
      importedState: ready,
    },
  ]

  it('is read with its deps as dependencies and the same kind for all tasks', () => {
    expect(readTasks(lab('tasks.json'))).toEqual(E.right(graph('task')))
    expect(readTasks(lab('tasks.json'), 'writing')).toEqual(E.right(graph('writing')))
  })

  it('may be a bare list', () => {
    const { tasks } = JSON.parse(lab('tasks.json')) as { tasks: unknown }
    expect(readTasks(JSON.stringify(tasks))).toEqual(E.right(graph('task')))
    expect(readTasks('[]')).toEqual(E.right([]))
  })

  it('is refused with an unknown field, which is named', () => {
    expect(readError('{"tasks":[{"id":"t","deps":[],"owner":"ann"}]}')).toBe('task 1 has an unknown field "owner"')
  })
})

describe('NDJSON', () => {
  it('has one task per line; blank lines, CRLF and a byte order mark are ignored', () => {
    const expected = E.right([
      { task: { kind: 'docs' }, importedState: ready },
      { task: { kind: 'ci', taskId: 't', needs: ['u'], maxAttempts: 1 }, importedState: ready },
    ])
    const lines = ['{"kind":"docs"}', '', '  ', '{"kind":"ci","task_id":"t","needs":["u"],"max_attempts":1}', '']
    expect(readTasks(lines.join('\n'))).toEqual(expected)
    expect(readTasks(`\ufeff${lines.join('\r\n')}`)).toEqual(expected)
    expect(readTasks(lines.join('\n').trimEnd())).toEqual(expected)
  })

  it('is refused with the line of the mistake', () => {
    expect(readError('{"kind":"docs"}\n\n{"kind":"docs","task_id":"a b"}')).toBe(
      'line 3: the task task_id must be a task id: 1 to 200 characters, no white space or control characters',
    )
    expect(readError('{"kind":"docs"}\n{"kind":')).toMatch(/^line 2 is not JSON: /)
    expect(readError('{"kind":"docs"}\n{"kind":"docs","colour":1}')).toBe(
      'line 2: the task has an unknown field "colour"',
    )
    expect(readError('{"kind":"docs"}\n{"task_id":"t"}')).toMatch(/^line 2: the task .*needs "kind"$/)
    expect(readError('{"kind":"docs","kind":"ci"}')).toBe('line 1 has the field "kind" twice')
    expect(readError('{"kind":"docs"}\n[]')).toContain('line 2: the task must be an object')
    expect(readError('{"kind":"docs","payload":12345678901234567890}')).toMatch(/^line 1 contains the number 12345/)
    expect(readError(`{"kind":"docs","payload":${'['.repeat(101)}${']'.repeat(101)}}`)).toMatch(
      /^line 1: .*at most 100 levels deep$/,
    )
  })
})

describe('a file without tasks', () => {
  it.each(['', 'hello', '{', '1', 'null', '"tasks"', '{"tasks":1}', '{"tasks":null,"claims":[]}', '{"claims":[]}'])(
    'is refused with a message: %j',
    text => {
      const read = readTasks(text)
      expect(E.isLeft(read) && read.left.length).toBeGreaterThan(0)
    },
  )
})

describe('the workspace’s own queue.json', () => {
  const run = (state: State, command: Record<string, unknown>): State => {
    const decided = decide({ nowMs: 1_735_732_800_000, ...command } as Command, state)
    if (E.isLeft(decided)) throw new Error(JSON.stringify(decided.left))
    return fold(state, decided.right.events)
  }
  const opened = () => run(emptyState(), { command: 'open', workspace: 'w' })
  const busy = (): State =>
    [
      {
        command: 'add',
        tasks: [{ kind: 'docs', taskId: 'a', title: 'A', payload: { x: [1] }, leaseMs: null, tags: ['x'] }],
      },
      { command: 'add', tasks: [{ kind: 'docs', taskId: 'b', needs: ['a'], backoff: { firstMs: 1, maxMs: 2 } }] },
      { command: 'add', tasks: ['c', 'd', 'e', 'f'].map(taskId => ({ kind: 'ci', taskId, priority: 1 })) },
      { command: 'claim', worker: 'ann', kinds: ['docs'] },
      { command: 'claim', worker: 'bob', kinds: [], taskId: 'c' },
      { command: 'complete', worker: 'bob', taskId: 'c', result: { n: 1 } },
      { command: 'claim', worker: 'bob', kinds: [], taskId: 'd' },
      { command: 'fail', worker: 'bob', taskId: 'd', error: 'no', retryInMs: null },
      { command: 'hold', taskId: 'e', reason: 'ask' },
    ].reduce(run, opened())
  const decideImport = (state: State, text: string) => {
    const read = readTasks(text)
    if (E.isLeft(read)) throw new Error(read.left)
    return decide({ command: 'import', nowMs: 1_735_732_800_000, tasks: read.right }, state)
  }

  it('changes nothing when it is imported into its own workspace', () => {
    const state = busy()
    expect(decideImport(state, queueFileText(state))).toEqual(
      E.right({ _tag: 'Unchanged', events: [], taskIds: [], seq: state.seq }),
    )
  })

  it('changes nothing while a task waits for its next attempt', () => {
    const state = [
      { command: 'claim', worker: 'bob', kinds: [], taskId: 'f' },
      { command: 'fail', worker: 'bob', taskId: 'f', error: 'flaky', retryInMs: 60_000 },
    ].reduce(run, busy())
    expect(decideImport(state, queueFileText(state))).toEqual(
      E.right({ _tag: 'Unchanged', events: [], taskIds: [], seq: state.seq }),
    )
  })

  it('changes nothing if a payload has the maximum depth', () => {
    const payload = JSON.parse('['.repeat(100) + ']'.repeat(100)) as unknown
    const state = run(opened(), { command: 'add', tasks: [{ kind: 'docs', taskId: 't', payload }] })
    expect(decideImport(state, queueFileText(state))).toEqual(
      E.right({ _tag: 'Unchanged', events: [], taskIds: [], seq: state.seq }),
    )
  })

  it('makes the same tasks and claims in another workspace', () => {
    const decided = decideImport(opened(), queueFileText(busy()))
    if (E.isLeft(decided)) throw new Error(JSON.stringify(decided.left))
    // Tokens and the seq differ between the logs.
    const withoutNumbers = (state: State): string => queueFileText(state).replaceAll(/"(seq|token)": \d+/g, '"$1": 0')
    expect(withoutNumbers(fold(opened(), decided.right.events))).toBe(withoutNumbers(busy()))
  })
})
