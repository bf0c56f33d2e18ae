import { describe, expect, it } from 'vitest'
import { fixture, readWarnings, readError, readValid, readTasks } from '../testing/imported-file.ts'

const legacy = (...tasks: ReadonlyArray<object>): string =>
  JSON.stringify({ tasks: tasks.map(task => ({ dependencies: [], ...task })) })
const readNeeds = (text: string): object =>
  Object.fromEntries(readTasks(text).map(({ task }) => [task.taskId ?? '', task.needs ?? []]))

describe('Task Master tasks', () => {
  it('are detected by their shape, with or without tags', () => {
    const tagged = readValid(fixture('task-master.json'), { kind: 'dev' })
    expect([tagged.format, tagged.tasks.length]).toEqual(['task-master', 11])
    expect(tagged.tasks[0]).toEqual({
      task: {
        taskId: '1',
        kind: 'dev',
        title: 'Set up the repository',
        priority: 2,
        payload: {
          description: 'Set up the repository.',
          details: 'A package, a linter, a gate.',
          testStrategy: 'npm test passes.',
        },
      },
      importedState: { status: 'done' },
    })
    expect(readValid(JSON.stringify(JSON.parse(fixture('task-master.json')))).format).toBe('task-master')
    expect(readValid(legacy({ id: 1, title: 'T' })).format).toBe('task-master')
  })

  it('depend on their subtasks, which depend on what their task depends on', () => {
    expect(readNeeds(fixture('task-master.json'))).toEqual({
      1: [],
      2.1: ['1'],
      2.2: ['2.1', '1'],
      2.3: ['2.2', '1.1', '2.1', '1'],
      2: ['1', '2.1', '2.2', '2.3'],
      3: ['2'],
      4: ['2.3'],
      5: ['3'],
      6: [],
      'mobile-app/1': [],
      'mobile-app/2': ['mobile-app/1'],
    })
  })

  it('have subtasks that depend on each other by short or full id, or on a task', () => {
    const subtasks = [
      { id: 1 },
      { id: '2', dependencies: [1, '5.1', '4', 5] },
      { id: '5.3', dependencies: ['2', '5.3'] },
    ]
    const text = legacy({ id: 4 }, { id: 5, dependencies: ['5.1', 4], subtasks })
    expect(readNeeds(text)).toEqual({
      4: [],
      5.1: ['4'],
      5.2: ['5.1', '4'],
      5.3: ['5.2', '5.3', '4'],
      5: ['5.1', '4', '5.2', '5.3'],
    })
    expect(readWarnings(text)).toEqual([['relation', 'dependencies', 1, ['5.2']]])
  })

  it.each([
    ['pending', { status: 'ready' }],
    [undefined, { status: 'ready' }],
    ['in-progress', { status: 'ready', worker: 'ann' }],
    ['done', { status: 'done', worker: 'ann' }],
    ['completed', { status: 'done', worker: 'ann' }],
    ['cancelled', { status: 'cancelled', reason: 'cancelled in Task Master' }],
    ['blocked', { status: 'held' }],
    ['review', { status: 'held', reason: 'review in Task Master' }],
    ['deferred', { status: 'held', reason: 'deferred in Task Master' }],
    ['on ice', { status: 'held', reason: 'on ice in Task Master' }],
  ])('that are %s keep their status', (status, importedState) => {
    expect(readTasks(legacy({ id: 1, status, assignee: 'ann' }))[0]?.importedState).toEqual(importedState)
  })

  it('have a priority word, which their subtasks inherit unless they have their own', () => {
    const subtasks = [{ id: 1 }, { id: 2, priority: 'critical' }]
    const text = legacy(
      { id: 1, priority: 'high', subtasks },
      { id: 2, priority: 'Low' },
      { id: 3, priority: 'urgent' },
    )
    const priorities = readTasks(text).map(({ task }) => [task.taskId, task.priority])
    expect(priorities).toEqual([
      ['1.1', 2],
      ['1.2', 0],
      ['1', 2],
      ['2', 8],
      ['3', undefined],
    ])
    expect(readWarnings(text)).toEqual([['priority', 'urgent', 1, ['3']]])
  })

  it('are reported once per name and reason if something is left out', () => {
    expect(readWarnings(fixture('task-master.json'))).toEqual([
      ['field', 'metadata', 2, ['master', 'mobile app']],
      ['claim', 'in-progress', 2, ['2', '2.2']],
      ['field', 'complexity', 1, ['5']],
      ['field', 'metadata', 1, ['mobile app/1']],
      ['name', 'id', 2, ['"mobile app/1" becomes mobile-app/1', '"mobile app/2" becomes mobile-app/2']],
      ['name', 'tag', 2, ['"mobile app" becomes mobile-app', '"mobile app" becomes mobile-app']],
    ])
  })

  it('are refused with the position of the mistake', () => {
    expect(readError(legacy({ id: 1 }, { title: 'no id' }))).toBe('task 2 needs an "id", a number or a string')
    expect(readError(legacy({ id: 1, subtasks: [{ id: 1 }, 'x'] }))).toBe('task 1, subtask 2 must be an object')
    expect(readError('{"master":{"tasks":[null]},"v2":{"tasks":[]}}')).toBe('task 1 must be an object')
    expect(readError(legacy({ id: 1 }, { id: '1', title: 'other' }))).toBe(
      'task 2: "1" is already at task 1, with different content',
    )
    expect(readError('[]', { from: 'task-master' })).toMatch(
      /^as Task Master's tasks.json: expected an object with "tasks"/,
    )
  })
})
