import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  addCommandTime,
  at,
  buildState,
  type EventGroups,
  given,
  moved,
  opened,
  paused,
} from '../../testing/decider-specification.ts'
import { findDeparture, type State } from '../state/state.ts'
import { decide } from './index.ts'

const logId = '0d9c7a52-6a0e-4f0e-9c1b-2f6f3c8e1a11'
const otherId = '7b4c3f0e-1c5d-4a53-8f0e-5b8f6f2f9d22'
const url = 'postgres://db/claimlog?workspace=docs'
const fresh = at(0, opened(), added('t', 'docs'))

/** The same events in the log with this id. */
const inLog = (id: string, ...groups: EventGroups): State => ({ ...buildState(...groups), logId: id })

describe('a log that is moved', () => {
  it('has the event as its last line, with the author', () => {
    given(fresh)
      .when({ command: 'move', target: url, logId, by: 'eve' }, 1)
      .then(at(1, { ...moved(url, logId), by: 'eve' }))
  })

  it('refuses every other command, even a malformed one, and says where it continues', () => {
    const left = [fresh, at(1, moved(url, logId))]
    const refusal = { error: 'workspace_moved', target: url } as const
    given(...left)
      .when({ command: 'add', tasks: [{ kind: 'docs', taskId: 'u' }] }, 2)
      .thenRefused(refusal)
    given(...left)
      .when({ command: 'claim', worker: 'a b', kinds: [] }, 2)
      .thenRefused(refusal)
    given(...left)
      .when({ command: 'open', workspace: 'w' }, 2)
      .thenRefused(refusal)
  })

  it('refuses also a request that it has answered before', () => {
    const left = [fresh, at(1, { ...paused('docs'), requestId: 'r' }, moved(url, logId))]
    given(...left)
      .when({ command: 'pause', kind: 'docs', requestId: 'r' }, 2)
      .thenRefused({ error: 'workspace_moved', target: url })
  })

  it('can be moved to the same log again, which changes nothing, and to no other', () => {
    const left = [fresh, at(1, moved(url, logId))]
    given(...left)
      .when({ command: 'move', target: url, logId }, 2)
      .thenNothing({ taskIds: [], seq: 3 })
    given(...left)
      .when({ command: 'move', target: 'postgres://ann@db/claimlog?workspace=docs', logId }, 2)
      .thenNothing({ taskIds: [], seq: 3 })
    const refusal = { error: 'workspace_moved', target: url } as const
    given(...left)
      .when({ command: 'move', target: url, logId: otherId }, 2)
      .thenRefused(refusal)
    given(...left)
      .when({ command: 'move', target: '/srv/queue' }, 2)
      .thenRefused(refusal)
  })

  it('continues in the log that has the id of the move, and can move on to a directory', () => {
    const state = inLog(logId, fresh, at(1, moved(url, logId)))
    expect(findDeparture(state)).toBe(undefined)
    expect(decide(addCommandTime(2, { command: 'pause', kind: 'docs' }), state)).toMatchObject({ _tag: 'Right' })
    expect(decide(addCommandTime(2, { command: 'move', target: '/srv/queue' }), state)).toMatchObject(
      E.right({ events: [{ seq: 4, event: 'moved', target: '/srv/queue', logId: undefined }] }),
    )
  })

  it('continues in a file if the move has no id', () => {
    const history = [fresh, at(1, moved(url, logId)), at(2, moved('/srv/queue'))]
    given(...history)
      .when({ command: 'pause', kind: 'docs' }, 3)
      .then(at(3, paused('docs')))
    expect(findDeparture(inLog(logId, ...history))).toMatchObject({ seq: 4, target: '/srv/queue' })
  })

  it('is not moved from a file to a file, nor to itself', () => {
    given(fresh).when({ command: 'move', target: '/srv/queue' }, 1).thenRefused({
      error: 'bad_input',
      detail: 'a log in a file moves to another directory with that directory: use mv',
    })
    expect(decide(addCommandTime(1, { command: 'move', target: url, logId }), inLog(logId, fresh))).toMatchObject(
      E.left({ error: 'bad_input' }),
    )
  })

  it.each(['postgres://ann:secret@db/claimlog', 'queue', ''])('is not moved to %j', target => {
    expect(decide(addCommandTime(1, { command: 'move', target, logId }), buildState(fresh))).toMatchObject(
      E.left({ error: 'bad_input' }),
    )
  })
})
