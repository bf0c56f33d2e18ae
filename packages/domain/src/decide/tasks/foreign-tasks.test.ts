import { describe, it } from 'vitest'
import {
  added,
  at,
  claimed,
  completed,
  given,
  held,
  opened,
  type Order,
} from '../../../testing/decider-specification.ts'
import type { ImportedStanding, ImportedTask } from './imported-task.ts'
import type { NewTask } from './new-task.ts'

const empty = at(0, opened())
const from = (taskId: string, standing: ImportedStanding, more: Partial<NewTask> = {}): ImportedTask => ({
  task: { taskId, kind: 'docs', ...more },
  standing,
})
const importing = (...tasks: ReadonlyArray<ImportedTask>): Order => ({ command: 'import', tasks, foreign: true })
const ready: ImportedStanding = { status: 'ready' }
const done: ImportedStanding = { status: 'done' }

describe('a task of another tool', () => {
  it('loses a dependency that is neither in the file nor in the workspace', () => {
    given(at(0, opened(), added('here', 'docs')))
      .when(importing(from('t', ready, { needs: ['gone', 'here', 'u'] }), from('u', ready)), 1)
      .then(at(1, added('t', 'docs', { needs: ['here', 'u'] }), added('u', 'docs')))
    given(empty)
      .when(importing(from('t', ready, { needs: ['gone'] })), 1)
      .then(at(1, added('t', 'docs')))
  })

  it('that is done loses its open dependencies', () => {
    given(empty)
      .when(importing(from('t', done, { needs: ['a', 'b'] }), from('a', ready), from('b', done)), 0)
      .then(
        at(0, added('t', 'docs', { needs: ['b'] }), added('a', 'docs'), added('b', 'docs')),
        at(0, claimed('import', 'b'), completed('import', 'b', 5), claimed('import', 't'), completed('import', 't', 7)),
      )
  })

  it('that is done keeps a dependency that is done in the workspace, regardless of the file', () => {
    given(at(0, opened(), added('a', 'docs')))
      .when(importing(from('t', done, { needs: ['a'] }), from('a', done)), 0)
      .then(at(0, added('t', 'docs'), claimed('import', 't'), completed('import', 't', 4)))
  })

  it('that was claimed before its dependencies were done keeps them and loses its claim', () => {
    given(empty)
      .when(importing(from('t', { status: 'ready', worker: 'ann' }, { needs: ['a'] }), from('a', ready)), 0)
      .then(at(0, added('t', 'docs', { needs: ['a'] }), added('a', 'docs')))
    given(empty)
      .when(importing(from('t', { status: 'ready', worker: 'ann' })), 0)
      .then(at(0, added('t', 'docs'), claimed('ann', 't')))
  })

  it('stays as it is if its status, dependencies or due time changed in the other tool', () => {
    const before = at(0, opened(), added('t', 'docs', { needs: ['a'] }), added('a', 'docs'), held('a'))
    given(before)
      .when(importing(from('t', done), from('a', done, { notBefore: '2026-01-01T00:00:00.000Z' })), 1)
      .thenNothing({ taskIds: [], seq: 4 })
  })

  it('is refused in a cycle of dependencies', () => {
    given(empty)
      .when(importing(from('a', ready, { needs: ['b'] }), from('b', ready, { needs: ['a'] })), 0)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'b', 'a'] })
  })

  it('is refused if it differs from the existing task, unless that is to be kept', () => {
    const file = importing(from('t', ready, { title: 'New' }), from('u', ready))
    const before = at(0, opened(), added('t', 'docs', { title: 'Old' }))
    given(before)
      .when(file, 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['title'], imported: true })
    given(before)
      .when({ ...file, keep: true } as Order, 1)
      .then(at(1, added('u', 'docs')))
  })
})
