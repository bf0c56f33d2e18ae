import { describe, expect, it } from 'vitest'
import { fixture, readWarnings, readError, readValid, readTasks } from '../testing/imported-file.ts'

const line = (fields: object): string => JSON.stringify({ title: 'T', ...fields })
const issue = (more: object): string => line({ id: 'bd-1', issue_type: 'task', ...more })
const firstTask = (text: string) => readTasks(text)[0]

describe('beads issues', () => {
  it('are detected by their shape and imported with kind, priority, dependencies, tags and claim', () => {
    const read = readValid(fixture('issues.jsonl'))
    expect([read.format, read.foreign, read.tasks.length]).toEqual(['beads', true, 8])
    expect(read.tasks[2]).toEqual({
      task: {
        taskId: 'gar-a1f.2',
        kind: 'task',
        title: 'Order the seeds',
        priority: 2,
        needs: ['gar-a1f.1'],
        tags: ['buying', 'season-1'],
        payload: { description: 'From the list, organic where there is a choice.', parent: 'gar-a1f' },
      },
      importedState: { status: 'ready', worker: 'jonas' },
    })
  })

  it.each([
    ['open', {}, { status: 'ready' }],
    ['in_progress', { assignee: 'ann' }, { status: 'ready', worker: 'ann' }],
    ['hooked', { assignee: 'Jane Doe' }, { status: 'ready', worker: 'Jane-Doe' }],
    ['in_progress', {}, { status: 'ready' }],
    ['closed', { assignee: 'ann', close_reason: 'merged' }, { status: 'done', worker: 'ann', result: 'merged' }],
    ['blocked', {}, { status: 'held' }],
    ['deferred', {}, { status: 'held', reason: 'deferred in beads' }],
    ['pinned', {}, { status: 'held', reason: 'pinned in beads' }],
    ['open', { issue_type: 'gate' }, { status: 'held', reason: 'a gate in beads' }],
    ['awaiting-legal', {}, { status: 'held', reason: 'awaiting-legal in beads' }],
  ])('that are %s keep their status: %j', (status, more, importedState) => {
    expect(firstTask(issue({ status, ...more }))?.importedState).toEqual(importedState)
  })

  it('that are deferred until a time are due then, in any time format', () => {
    const due = (defer_until: unknown) => firstTask(issue({ status: 'deferred', defer_until }))?.task.notBefore
    expect(due('2026-09-01T00:00:00Z')).toBe('2026-09-01T00:00:00.000Z')
    expect(due('2026-09-01T00:00:00.123456789+02:00')).toBe('2026-08-31T22:00:00.123Z')
    expect(['soon', '', null, 12, '0001-01-01T00:00:00Z'].map(due)).toEqual(Array(5).fill(undefined))
  })

  it('that are not work are left out and counted', () => {
    const lines = [
      issue({ status: 'tombstone' }),
      issue({ is_template: true }),
      issue({ issue_type: 'message' }),
      '{"_type":"memory","key":"k","value":"v"}',
    ]
    expect(readTasks(lines.join('\n'))).toEqual([])
    expect(readWarnings(lines.join('\n'))).toEqual([
      ['item', 'tombstone', 1, ['bd-1']],
      ['item', 'template', 1, ['bd-1']],
      ['item', 'message', 1, ['bd-1']],
      ['item', 'memory', 1, ['line 4']],
    ])
  })

  it('depend only on what blocks them; other relations are counted by type', () => {
    const dependency = (type: string, depends_on_id = 'bd-9') => ({ issue_id: 'bd-1', depends_on_id, type })
    const dependencies = [
      dependency('blocks', 'bd-2'),
      dependency('parent-child'),
      dependency('related'),
      dependency('waits-for'),
      dependency('related'),
      7,
    ]
    const text = issue({ dependencies })
    expect(firstTask(text)?.task).toMatchObject({ needs: ['bd-2'], payload: { parent: 'bd-9' } })
    expect(readWarnings(text)).toEqual([
      ['relation', 'parent-child', 1, ['bd-1']],
      ['relation', 'related', 2, ['bd-1', 'bd-1']],
      ['relation', 'waits-for', 1, ['bd-1']],
      ['relation', 'dependencies', 1, ['bd-1']],
    ])
  })

  it('may have fields that are unknown, empty, null or of another type', () => {
    const text = issue({ metadata: { a: 1 }, wisp: 1, rig: '', pinned: 0, timeout: null, waiters: [], labels: 'x' })
    expect(firstTask(text)?.task).toEqual({ taskId: 'bd-1', kind: 'task', title: 'T' })
    expect(readWarnings(`${text}\n${issue({ id: 'bd-2', metadata: { b: 2 } })}`)).toEqual([
      ['field', 'labels', 1, ['bd-1']],
      ['field', 'metadata', 2, ['bd-1', 'bd-2']],
      ['field', 'wisp', 1, ['bd-1']],
    ])
  })

  it('are imported without an invalid priority', () => {
    const text = [0, 4, -1, 2.5, 99, 'high', null].map((priority, n) => issue({ id: `bd-${n}`, priority })).join('\n')
    const priorities = readTasks(text).map(({ task }) => task.priority)
    expect(priorities).toEqual([0, 4, undefined, undefined, undefined, undefined, undefined])
    expect(readValid(text).warnings.map(({ what, name }) => [what, name])).toEqual(
      ['-1', '2.5', '99', 'high'].map(name => ['priority', name]),
    )
  })

  it('are renamed if their id is invalid, and so are the dependencies on them', () => {
    const long = 'x'.repeat(300)
    const text = [
      issue({ id: 'a b', dependencies: [{ depends_on_id: long, type: 'blocks' }] }),
      issue({ id: 'a-b' }),
      issue({ id: long }),
      issue({ id: '\u200b' }),
      issue({ id: 'ü-ℕ-名' }),
    ].join('\r\n')
    const tasks = readTasks(`\ufeff${text}\r\n`).map(({ task }) => [task.taskId, task.needs])
    expect(tasks).toEqual([
      ['a-b-2', ['x'.repeat(190)]],
      ['a-b', undefined],
      ['x'.repeat(190), undefined],
      ['task', undefined],
      ['ü-ℕ-名', undefined],
    ])
    expect(readWarnings(text)[0]).toEqual([
      'name',
      'id',
      3,
      ['"a b" becomes a-b-2', expect.any(String), '"\u200b" becomes task'],
    ])
  })

  it('that do not fit in a line are imported without their longest text', () => {
    const text = issue({ description: 'd'.repeat(1_100_000), notes: 'n' })
    expect(firstTask(text)?.task.payload).toEqual({ notes: 'n' })
    expect(readWarnings(text)).toEqual([['field', 'description', 1, ['bd-1']]])
    expect(readError(issue({ title: 't'.repeat(1_100_000) }))).toMatch(
      /^line 1: its title, dependencies and tags exceed/,
    )
  })

  it('that occur twice are imported once if they are equal, and are refused if they differ', () => {
    const twice = `${issue({})}\n\n${issue({})}`
    expect(readTasks(twice).length).toBe(1)
    expect(readWarnings(twice)).toEqual([['item', 'repeated', 1, ['line 3']]])
    expect(readError(`${issue({})}\n${issue({ title: 'U' })}`)).toBe(
      'line 2: "bd-1" is already at line 1, with different content',
    )
  })

  it('are refused with the position of the mistake', () => {
    expect(readError(`${issue({})}\n{"id":`)).toMatch(/^line 2 is not JSON: /)
    expect(readError(`${issue({})}\n[]`)).toBe('line 2 must be an object')
    expect(readError(`${issue({})}\n${line({ id: null })}`)).toBe('line 2: a beads issue needs an "id", a string')
  })

  it('may be a list, as bd list --json prints it', () => {
    expect(readTasks(`[${issue({})}]`).map(({ task }) => task.taskId)).toEqual(['bd-1'])
  })
})
