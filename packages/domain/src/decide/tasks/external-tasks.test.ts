import { describe, it } from 'vitest'
import {
  added,
  at,
  claimed,
  completed,
  given,
  held,
  opened,
  type UntimedCommand,
} from '../../../testing/decider-specification.ts'
import type { ImportedState, ImportedTask } from './imported-task.ts'
import type { NewTask } from './new-task.ts'

const empty = at(0, opened())
const importedTask = (taskId: string, importedState: ImportedState, more: Partial<NewTask> = {}): ImportedTask => ({
  task: { taskId, kind: 'docs', ...more },
  importedState,
})
const importTasks = (...tasks: ReadonlyArray<ImportedTask>): UntimedCommand => ({
  command: 'import',
  tasks,
  foreign: true,
})
const ready: ImportedState = { status: 'ready' }
const done: ImportedState = { status: 'done' }

describe('a task of another tool', () => {
  it('loses a dependency that is neither in the file nor in the workspace', () => {
    given(at(0, opened(), added('here', 'docs')))
      .when(importTasks(importedTask('t', ready, { needs: ['gone', 'here', 'u'] }), importedTask('u', ready)), 1)
      .then(at(1, added('t', 'docs', { needs: ['here', 'u'] }), added('u', 'docs')))
    given(empty)
      .when(importTasks(importedTask('t', ready, { needs: ['gone'] })), 1)
      .then(at(1, added('t', 'docs')))
  })

  it('that is done loses its open dependencies', () => {
    given(empty)
      .when(
        importTasks(importedTask('t', done, { needs: ['a', 'b'] }), importedTask('a', ready), importedTask('b', done)),
        0,
      )
      .then(
        at(0, added('t', 'docs', { needs: ['b'] }), added('a', 'docs'), added('b', 'docs')),
        at(0, claimed('import', 'b'), completed('import', 'b', 5), claimed('import', 't'), completed('import', 't', 7)),
      )
  })

  it('that is done keeps a dependency that is done in the workspace, regardless of the file', () => {
    given(at(0, opened(), added('a', 'docs')))
      .when(importTasks(importedTask('t', done, { needs: ['a'] }), importedTask('a', done)), 0)
      .then(at(0, added('t', 'docs'), claimed('import', 't'), completed('import', 't', 4)))
  })

  it('that was claimed before its dependencies were done keeps them and loses its claim', () => {
    given(empty)
      .when(
        importTasks(importedTask('t', { status: 'ready', worker: 'ann' }, { needs: ['a'] }), importedTask('a', ready)),
        0,
      )
      .then(at(0, added('t', 'docs', { needs: ['a'] }), added('a', 'docs')))
    given(empty)
      .when(importTasks(importedTask('t', { status: 'ready', worker: 'ann' })), 0)
      .then(at(0, added('t', 'docs'), claimed('ann', 't')))
  })

  it('stays as it is if its status, dependencies or due time changed in the other tool', () => {
    const before = at(0, opened(), added('t', 'docs', { needs: ['a'] }), added('a', 'docs'), held('a'))
    given(before)
      .when(importTasks(importedTask('t', done), importedTask('a', done, { notBefore: '2026-01-01T00:00:00.000Z' })), 1)
      .thenNothing({ taskIds: [], seq: 4 })
  })

  it('is refused in a cycle of dependencies', () => {
    given(empty)
      .when(importTasks(importedTask('a', ready, { needs: ['b'] }), importedTask('b', ready, { needs: ['a'] })), 0)
      .thenRefused({ error: 'needs_cycle', path: ['a', 'b', 'a'] })
  })

  it('is refused if it differs from the existing task, unless that is to be kept', () => {
    const fileTasks = importTasks(importedTask('t', ready, { title: 'New' }), importedTask('u', ready))
    const before = at(0, opened(), added('t', 'docs', { title: 'Old' }))
    given(before)
      .when(fileTasks, 1)
      .thenRefused({ error: 'task_exists', taskId: 't', fields: ['title'], imported: true })
    given(before)
      .when({ ...fileTasks, keep: true } as UntimedCommand, 1)
      .then(at(1, added('u', 'docs')))
  })
})
