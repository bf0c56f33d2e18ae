import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  added,
  at,
  claim,
  claimed,
  addCommandTime,
  completed,
  failed,
  given,
  opened,
  type UntimedCommand,
  buildState,
  time,
} from '../../testing/decider-specification.ts'
import { fold } from '../evolve/evolve.ts'
import { decide } from './index.ts'

const two = at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs'))
const withRequestId = (input: UntimedCommand): UntimedCommand => ({ ...input, requestId: 'r' })
const repeats = (firstSeq: number, lastSeq: number) =>
  E.right({ _tag: 'Repeats', events: [], taskIds: [], seq: lastSeq, repeats: { firstSeq, lastSeq } })
const claimedWithRequest = [two, at(1, { ...claimed('ann', 't', { until: 16 }), requestId: 'r' })]

describe('a request id that was used before', () => {
  it('writes nothing and returns the event of the first time', () => {
    expect(given(...claimedWithRequest).when(withRequestId(claim('ann')), 1).decided).toEqual(repeats(4, 4))
  })

  it('is still known after the lease has expired, the task is done and other events have followed', () => {
    const later = [...claimedWithRequest, at(2, completed('ann', 't', 4)), at(3, claimed('bob', 'u', { until: 18 }))]
    expect(given(...later).when(withRequestId(claim('ann')), 999).decided).toEqual(repeats(4, 4))
  })

  it('returns all events if there were several', () => {
    const batch = withRequestId(add({ kind: 'docs', taskId: 'a' }, { kind: 'docs', taskId: 'b' }, { kind: 'docs' }))
    const state = buildState(two)
    const first = decide(addCommandTime(1, batch), state)
    if (E.isLeft(first)) throw new Error(first.left.error)
    expect(first.right.events.map(({ seq, requestId }) => [seq, requestId])).toEqual([
      [4, 'r'],
      [5, 'r'],
      [6, 'r'],
    ])
    expect(decide(addCommandTime(2, batch), fold(state, first.right.events))).toEqual(repeats(4, 6))
  })

  it('returns the failures of expired claims that it recorded, too', () => {
    const expiredClaim = [two, at(0, claimed('bob', 't'))]
    given(...expiredClaim)
      .when(withRequestId(claim('ann')), 15)
      .then(
        at(15, {
          ...failed('bob', 't', 4, `the lease expired at ${time(15)} and no attempts are left`),
          requestId: 'r',
        }),
        at(15, { ...claimed('ann', 'u', { until: 30 }), requestId: 'r' }),
      )
    const state = buildState(...expiredClaim)
    const first = decide(addCommandTime(15, withRequestId(claim('ann'))), state)
    if (E.isLeft(first)) throw new Error(first.left.error)
    expect(decide(addCommandTime(16, withRequestId(claim('ann'))), fold(state, first.right.events))).toEqual(
      repeats(5, 6),
    )
  })

  it('repeats even if the command differs: comparing them is up to the caller', () => {
    expect(given(...claimedWithRequest).when(withRequestId({ command: 'pause', kind: 'docs' }), 2).decided).toEqual(
      repeats(4, 4),
    )
  })

  it('repeats before the expected seq is checked', () => {
    const input = { ...withRequestId(claim('ann')), expectSeq: 3 } as UntimedCommand
    expect(given(...claimedWithRequest).when(input, 2).decided).toEqual(repeats(4, 4))
  })

  it('does not allow bad input', () => {
    given(...claimedWithRequest)
      .when(withRequestId(claim('a b')), 2)
      .thenRefused({
        error: 'bad_input',
        detail: [
          {
            field: 'worker',
            problem: 'must be a worker name: 1 to 200 characters, no white space or control characters',
          },
        ],
      })
  })
})

describe('a refused request', () => {
  it('may be repeated: a refusal is not remembered', () => {
    const empty = at(0, opened())
    given(empty)
      .when(withRequestId(claim('ann')), 1)
      .thenNoReadyTask([])
    given(empty, at(2, added('t', 'docs')))
      .when(withRequestId(claim('ann')), 3)
      .then(at(3, { ...claimed('ann', 't', { until: 18 }), requestId: 'r' }))
  })

  it('under another id is another request', () => {
    given(...claimedWithRequest)
      .when({ ...claim('ann'), requestId: 's' }, 1)
      .then(at(1, { ...claimed('ann', 'u', { until: 16 }), requestId: 's' }))
  })
})
