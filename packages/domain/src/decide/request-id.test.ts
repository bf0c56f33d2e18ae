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

describe('a request that came before', () => {
  it('writes nothing, and says which event it came to', () => {
    expect(given(...claimedAsR).when(asR(claim('ann')), 1).decided).toEqual(repeats(4, 4))
  })

  it('is known long after: when the lease has ended, the task is done, and others came', () => {
    const later = [...claimedAsR, at(2, completed('ann', 't', 4)), at(3, claimed('bob', 'u', { until: 18 }))]
    expect(given(...later).when(asR(claim('ann')), 999).decided).toEqual(repeats(4, 4))
  })

  it('says all its events where it came to several', () => {
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

  it('says the lapses that it recorded too', () => {
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

  it('repeats though the words are others: what they were is for the answer to compare', () => {
    expect(given(...claimedAsR).when(asR({ command: 'pause', kind: 'docs' }), 2).decided).toEqual(repeats(4, 4))
  })

  it('repeats before anything is expected of the log', () => {
    const order = { ...asR(claim('ann')), expectSeq: 3 } as Order
    expect(given(...claimedAsR).when(order, 2).decided).toEqual(repeats(4, 4))
  })

  it('is no excuse for bad input', () => {
    given(...claimedAsR)
      .when(asR(claim('a b')), 2)
      .thenRefused({
        error: 'bad_input',
        detail: 'worker must be a worker name: 1 to 200 characters, no white space or control characters',
      })
  })
})

describe('a request that came to nothing', () => {
  it('may be made again: a refusal is not remembered', () => {
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
