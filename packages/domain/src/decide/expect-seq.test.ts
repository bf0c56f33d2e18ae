import { describe, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  claimNamed,
  given,
  opened,
  type Order,
  paused,
} from '../../testing/decider-specification.ts'

const one = at(0, opened(), added('t', 'docs'))
const expecting = (expectSeq: number, order: Order): Order => ({ ...order, expectSeq }) as Order

describe('a claim that expects the last seq of the log', () => {
  it('is decided if the log ends there', () => {
    given(one)
      .when(expecting(2, claim('ann')), 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
    given(one)
      .when(expecting(2, claimNamed('ann', 't')), 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
  })

  it('is refused if another event came in between, or if the log does not reach it', () => {
    given(one, at(1, paused('art')))
      .when(expecting(2, claim('ann')), 1)
      .thenRefused({ error: 'seq_conflict', expectedSeq: 2, seq: 3 })
    given(one)
      .when(expecting(3, claim('ann')), 1)
      .thenRefused({ error: 'seq_conflict', expectedSeq: 3, seq: 2 })
  })

  it('is refused for that before any other reason', () => {
    given(one)
      .when(expecting(1, claimNamed('ann', 'x')), 1)
      .thenRefused({ error: 'seq_conflict', expectedSeq: 1, seq: 2 })
  })

  it('is refused with no_ready_task if the log ends there', () => {
    given(one)
      .when(expecting(2, claim('ann', 'art')), 1)
      .thenNoReadyTask(['art'])
  })
})
