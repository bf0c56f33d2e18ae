import { describe, expect, it } from 'vitest'
import { added, at, cancelled, given, noted, opened, buildState } from '../../testing/decider-specification.ts'
import { allTasks } from '../queries/tasks.ts'
import { dumpIndices } from '../../testing/table-scan.ts'

const fresh = at(0, opened(), added('t', 'docs'))
const note = { command: 'note', taskId: 't', text: 'see page 3' } as const

describe('a note on a task', () => {
  it('is recorded with its author', () => {
    given(fresh)
      .when({ ...note, by: 'eve', requestId: 'r' }, 1)
      .then(at(1, { ...noted('t', 'see page 3'), by: 'eve', requestId: 'r' }))
  })

  it('with the same text again is another note', () => {
    given(fresh, at(1, noted('t', 'see page 3')))
      .when(note, 1)
      .then(at(1, noted('t', 'see page 3')))
  })

  it('may be added to a finished task', () => {
    given(fresh, at(1, cancelled('t')))
      .when(note, 2)
      .then(at(2, noted('t', 'see page 3')))
  })

  it('changes nothing but the seq and time of the state', () => {
    const [withoutNote, withNote] = [buildState(fresh), buildState(fresh, at(1, noted('t', 'see page 3')))]
    expect([allTasks(withNote), dumpIndices(withNote)]).toEqual([allTasks(withoutNote), dumpIndices(withoutNote)])
  })

  it('is refused for an unknown task', () => {
    given(fresh)
      .when({ ...note, taskId: 'x' }, 1)
      .thenRefused({ error: 'unknown_task', taskId: 'x' })
  })

  it('is refused if it is empty', () => {
    for (const text of ['', ' \n\t'])
      given(fresh)
        .when({ ...note, text }, 1)
        .thenRefused({ error: 'bad_input', detail: 'text must not be empty' })
  })
})
