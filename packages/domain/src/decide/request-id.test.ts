import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  added,
  at,
  claim,
  claimed,
  commandAt,
  completed,
  failed,
  given,
  opened,
  type Order,
  stateOf,
  time,
} from '../../testing/decider-specification.ts'
import { fold } from '../evolve/evolve.ts'
import { decide } from './index.ts'

const two = at(0, opened({ maxAttempts: 1 }), added('t', 'docs'), added('u', 'docs'))
const asR = (order: Order): Order => ({ ...order, requestId: 'r' })
const repeats = (firstSeq: number, lastSeq: number) =>
  E.right({ _tag: 'Repeats', events: [], taskIds: [], seq: lastSeq, repeats: { firstSeq, lastSeq } })
const claimedAsR = [two, at(1, { ...claimed('ann', 't', { until: 16 }), requestId: 'r' })]

describe('a request id that was used before', () => {
  it('writes nothing and returns the event of the first time', () => {
    expect(given(...claimedAsR).when(asR(claim('ann')), 1).decided).toEqual(repeats(4, 4))
  })

  it('is still known after the lease has expired, the task is done and other events have followed', () => {
    const later = [...claimedAsR, at(2, completed('ann', 't', 4)), at(3, claimed('bob', 'u', { until: 18 }))]
    expect(given(...later).when(asR(claim('ann')), 999).decided).toEqual(repeats(4, 4))
  })

  it('returns all events if there were several', () => {
    const batch = asR(add({ kind: 'docs', taskId: 'a' }, { kind: 'docs', taskId: 'b' }, { kind: 'docs' }))
    const state = stateOf(two)
    const first = decide(commandAt(1, batch), state)
    if (E.isLeft(first)) throw new Error(first.left.error)
    expect(first.right.events.map(({ seq, requestId }) => [seq, requestId])).toEqual([
      [4, 'r'],
      [5, 'r'],
      [6, 'r'],
    ])
    expect(decide(commandAt(2, batch), fold(state, first.right.events))).toEqual(repeats(4, 6))
  })

  it('returns the failures of expired claims that it recorded, too', () => {
    const lapsed = [two, at(0, claimed('bob', 't'))]
    given(...lapsed)
      .when(asR(claim('ann')), 15)
      .then(
        at(15, { ...failed('bob', 't', 4, `the lease ended at ${time(15)} and no attempts are left`), requestId: 'r' }),
        at(15, { ...claimed('ann', 'u', { until: 30 }), requestId: 'r' }),
      )
    const state = stateOf(...lapsed)
    const first = decide(commandAt(15, asR(claim('ann'))), state)
    if (E.isLeft(first)) throw new Error(first.left.error)
    expect(decide(commandAt(16, asR(claim('ann'))), fold(state, first.right.events))).toEqual(repeats(5, 6))
  })

  it('repeats even if the command differs: comparing them is up to the caller', () => {
    expect(given(...claimedAsR).when(asR({ command: 'pause', kind: 'docs' }), 2).decided).toEqual(repeats(4, 4))
  })

  it('repeats before the expected seq is checked', () => {
    const order = { ...asR(claim('ann')), expectSeq: 3 } as Order
    expect(given(...claimedAsR).when(order, 2).decided).toEqual(repeats(4, 4))
  })

  it('does not allow bad input', () => {
    given(...claimedAsR)
      .when(asR(claim('a b')), 2)
      .thenRefused({
        error: 'bad_input',
        detail: 'worker must be a worker name: 1 to 200 characters, no white space or control characters',
      })
  })
})

describe('a refused request', () => {
  it('may be repeated: a refusal is not remembered', () => {
    const empty = at(0, opened())
    given(empty)
      .when(asR(claim('ann')), 1)
      .thenNoReadyTask([])
    given(empty, at(2, added('t', 'docs')))
      .when(asR(claim('ann')), 3)
      .then(at(3, { ...claimed('ann', 't', { until: 18 }), requestId: 'r' }))
  })

  it('under another id is another request', () => {
    given(...claimedAsR)
      .when({ ...claim('ann'), requestId: 's' }, 1)
      .then(at(1, { ...claimed('ann', 'u', { until: 16 }), requestId: 's' }))
  })
})
