import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claimed,
  limited,
  buildLog,
  opened,
  renewed,
  buildState,
  type EventGroups,
} from '../../testing/decider-specification.ts'
import { invariantViolation } from './invariants.ts'

const checkLastEvent = (...groups: EventGroups): string | undefined => {
  const log = buildLog(...groups)
  const last = log.at(-1)
  if (last === undefined) throw new Error('there is no event')
  const before = groups.map((group, i) => (i < groups.length - 1 ? group : group.slice(0, -1)))
  return invariantViolation(buildState(...before), last)
}

describe('a kind that is at its limit', () => {
  const full = [at(0, opened(), added('t', 'docs'), added('u', 'docs'), claimed('ann', 't')), at(1, limited('docs', 1))]

  it('makes another claim invalid until a lease expires', () => {
    expect(checkLastEvent(...full, at(14, claimed('bob', 'u', { until: 29 })))).toBe('the kind docs was at its limit')
    expect(checkLastEvent(...full, at(15, claimed('bob', 'u', { until: 30 })))).toBe(undefined)
  })

  it('makes the renewal of an expired lease invalid once another claim took its slot, but not that of a live lease', () => {
    const bothClaimed = [...full, at(15, claimed('bob', 'u', { until: 30 }))]
    expect(checkLastEvent(...bothClaimed, at(16, renewed('ann', 't', 4, 31)))).toBe('the kind docs was at its limit')
    expect(checkLastEvent(...bothClaimed, at(16, renewed('bob', 'u', 6, 31)))).toBe(undefined)
    expect(checkLastEvent(...full, at(16, renewed('ann', 't', 4, 31)))).toBe(undefined)
  })

  it('allows an imported lease that has already expired', () => {
    expect(checkLastEvent(...full, at(14, claimed('bob', 'u', { until: 14 })))).toBe(undefined)
  })
})
