import { describe, expect, it } from 'vitest'
import { fixture, readWarnings, readError, readValid, readTasks } from '../testing/imported-file.ts'

const issues = (...all: ReadonlyArray<object>): string =>
  JSON.stringify(all.map((issue, index) => ({ number: index + 1, title: 'T', ...issue })))

describe('GitHub issues', () => {
  it('are detected by their shape and named after their number', () => {
    const read = readValid(fixture('gh-issues.json'))
    expect([read.format, read.tasks.map(({ task }) => task.taskId)]).toEqual([
      'github',
      ['gh-12', 'gh-7', 'gh-5', 'gh-3'],
    ])
    expect(read.tasks[0]).toEqual({
      task: {
        taskId: 'gh-12',
        kind: 'task',
        title: 'Irrigation follows the sensor',
        needs: ['gh-3'],
        tags: ['enhancement', 'good-first-issue'],
        payload: {
          body: 'Dry for **two days**: open.\n\n- [ ] valve 1\n- [ ] valve 2\n\nblocked by #3',
          url: 'https://github.com/rosa/garden/issues/12',
          milestone: 'Season 1',
        },
      },
      importedState: { status: 'ready' },
    })
  })

  it('need a number and a title, and nothing else', () => {
    expect(readTasks('[{"number":1,"title":"T"}]', { kind: 'docs' })).toEqual([
      { task: { taskId: 'gh-1', kind: 'docs', title: 'T' }, importedState: { status: 'ready' } },
    ])
    expect(readError('[{"number":1,"title":"T"},{"number":"2"}]')).toMatch(/^issue 2 needs a "number"/)
    expect(readError('[{"number":1,"title":null}]')).toMatch(/^gh-1 needs a "title"/)
    expect(readError('{"number":1,"title":"T","state":', { from: 'github' })).toMatch(
      /^as output of gh issue list --json: /,
    )
  })

  it.each([
    [{ state: 'OPEN', stateReason: 'REOPENED' }, { status: 'ready' }],
    [{ state: 'closed' }, { status: 'done' }],
    [{ closed: true }, { status: 'done' }],
    [
      { state: 'CLOSED', assignees: [{ login: 'ann' }, { login: 'bob' }] },
      { status: 'done', worker: 'ann' },
    ],
    [
      { state: 'CLOSED', stateReason: 'NOT_PLANNED' },
      { status: 'cancelled', reason: 'closed on GitHub as not planned' },
    ],
    [
      { state: 'CLOSED', stateReason: 'DUPLICATE' },
      { status: 'cancelled', reason: 'closed on GitHub as a duplicate' },
    ],
  ])('keep their status: %j', (fields, importedState) => {
    expect(readTasks(issues(fields))[0]?.importedState).toEqual(importedState)
  })

  it('that are assigned are not claimed, which is reported', () => {
    const text = issues({ assignees: [{ login: 'ann' }] })
    expect(readTasks(text)[0]?.importedState).toEqual({ status: 'ready' })
    expect(readWarnings(text)).toEqual([['claim', 'assignees', 1, ['gh-1']]])
  })

  it('have their type as kind', () => {
    const kinds = readTasks(issues({ issueType: { id: 'x', name: 'Bug' } }, { issueType: null })).map(
      ({ task }) => task.kind,
    )
    expect(kinds).toEqual(['bug', 'task'])
  })

  it('depend on the open issues of the same repository that block them', () => {
    const url = (repository: string, number: number) => `https://github.com/${repository}/issues/${number}`
    const blockers = [
      { number: 2, state: 'OPEN', url: url('a/b', 2) },
      { number: 3, state: 'OPEN', url: url('a/c', 3) },
      { number: 4, state: 'CLOSED', url: url('a/b', 4) },
      null,
    ]
    const text = issues({ url: url('a/b', 1), blockedBy: { nodes: blockers, totalCount: 4 } })
    expect(readTasks(text)[0]?.task.needs).toEqual(['gh-2'])
    expect(readValid(text).warnings.map(({ what, why }) => [what, why])).toEqual([
      ['need', 'the blocking issue is in another repository'],
      ['need', 'the blocking issue is closed'],
      ['need', 'the blocking issue has no number'],
    ])
  })
})
