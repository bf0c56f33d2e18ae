import { describe, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  claimById,
  given,
  opened,
  type UntimedCommand,
  paused,
} from '../../testing/decider-specification.ts'

const one = at(0, opened(), added('t', 'docs'))
const withExpectedSeq = (expectSeq: number, input: UntimedCommand): UntimedCommand =>
  ({ ...input, expectSeq }) as UntimedCommand

describe('a claim that expects the last seq of the log', () => {
  it('is decided if the log ends there', () => {
    given(one)
      .when(withExpectedSeq(2, claim('ann')), 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
    given(one)
      .when(withExpectedSeq(2, claimById('ann', 't')), 1)
      .then(at(1, claimed('ann', 't', { until: 16 })))
  })

  it('is refused if another event came in between, or if the log does not reach it', () => {
    given(one, at(1, paused('art')))
      .when(withExpectedSeq(2, claim('ann')), 1)
      .thenRefused({ error: 'seq_conflict', expectedSeq: 2, seq: 3 })
    given(one)
      .when(withExpectedSeq(3, claim('ann')), 1)
      .thenRefused({ error: 'seq_conflict', expectedSeq: 3, seq: 2 })
  })

  it('is refused for that before any other reason', () => {
    given(one)
      .when(withExpectedSeq(1, claimById('ann', 'x')), 1)
      .thenRefused({ error: 'seq_conflict', expectedSeq: 1, seq: 2 })
  })

  it('is refused with no_ready_task if the log ends there', () => {
    given(one)
      .when(withExpectedSeq(2, claim('ann', 'art')), 1)
      .thenNoReadyTask(['art'])
  })
})
