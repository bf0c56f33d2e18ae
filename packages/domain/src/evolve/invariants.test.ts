import { describe, expect, it } from 'vitest'
import { added, at, claimed, limited, logOf, opened, renewed, stateOf } from '../../testing/decider-specification.ts'
import { inconsistency } from './invariants.ts'

type Moments = ReadonlyArray<ReturnType<typeof at>>

const saidOfLast = (...moments: Moments): string | undefined => {
  const log = logOf(...moments)
  const last = log.at(-1)
  if (last === undefined) throw new Error('there is no event')
  const before = moments.map((moment, i) => (i < moments.length - 1 ? moment : moment.slice(0, -1)))
  return inconsistency(stateOf(...before), last)
}

describe('a kind that is at its limit', () => {
  const full = [at(0, opened(), added('t', 'docs'), added('u', 'docs'), claimed('ann', 't')), at(1, limited('docs', 1))]

  it('makes another claim invalid until a lease expires', () => {
    expect(saidOfLast(...full, at(14, claimed('bob', 'u', { until: 29 })))).toBe('the kind docs was at its limit')
    expect(saidOfLast(...full, at(15, claimed('bob', 'u', { until: 30 })))).toBe(undefined)
  })

  it('makes the renewal of an expired lease invalid once another claim took its slot, but not that of a live lease', () => {
    const taken = [...full, at(15, claimed('bob', 'u', { until: 30 }))]
    expect(saidOfLast(...taken, at(16, renewed('ann', 't', 4, 31)))).toBe('the kind docs was at its limit')
    expect(saidOfLast(...taken, at(16, renewed('bob', 'u', 6, 31)))).toBe(undefined)
    expect(saidOfLast(...full, at(16, renewed('ann', 't', 4, 31)))).toBe(undefined)
  })

  it('allows an imported lease that has already expired', () => {
    expect(saidOfLast(...full, at(14, claimed('bob', 'u', { until: 14 })))).toBe(undefined)
  })
})
