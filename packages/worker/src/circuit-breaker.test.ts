import { describe, expect, it } from 'vitest'
import { type CircuitBreaker, circuitBreaker } from './circuit-breaker.ts'

/** A breaker with a manual clock, whose pauses have their average length. */
const breakerWithClock = (): { readonly breaker: CircuitBreaker; readonly advance: (ms: number) => void } => {
  let nowMs = 0
  const breaker = circuitBreaker({ random: () => 0.5, monotonicMs: () => nowMs })
  return { breaker, advance: ms => void (nowMs += ms) }
}

/** Claims a task as soon as possible, and fails; returns the time it had to wait. */
const claimAndFail = (breaker: CircuitBreaker, advance: (ms: number) => void): number => {
  const waitedMs = breaker.waitMs()
  advance(waitedMs)
  breaker.recordClaim()
  breaker.recordFailure()
  return waitedMs
}

describe('a worker that cannot do its part', () => {
  it('waits twice as long after each try, and half a minute at most', () => {
    const { breaker, advance } = breakerWithClock()
    const waits = Array.from({ length: 9 }, () => claimAndFail(breaker, advance))
    expect(waits).toEqual([0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(breaker.failureCount()).toBe(9)
  })

  it('counts tasks that were claimed at once as one failure', () => {
    const { breaker } = breakerWithClock()
    for (let slot = 0; slot < 4; slot += 1) breaker.recordClaim()
    for (let slot = 0; slot < 4; slot += 1) breaker.recordFailure()
    expect(breaker.failureCount()).toBe(1)
    expect(breaker.waitMs()).toBe(500)
  })

  it('claims one task at a time until none has failed for half a minute', () => {
    const { breaker, advance } = breakerWithClock()
    claimAndFail(breaker, advance)
    advance(breaker.waitMs())
    breaker.recordClaim()
    expect(breaker.waitMs()).toBe(1000)
    breaker.recordSuccess()
    expect([breaker.waitMs(), breaker.failureCount()]).toEqual([1000, 0])
    advance(30_000)
    breaker.recordSuccess()
    breaker.recordClaim()
    expect(breaker.waitMs()).toBe(0)
  })

  it('waits for a random time, so that workers do not synchronise', () => {
    const waits = [0, 0.25, 1].map(randomValue => {
      const breaker = circuitBreaker({ random: () => randomValue, monotonicMs: () => 0 })
      breaker.recordFailure()
      return breaker.waitMs()
    })
    expect(waits).toEqual([375, 437.5, 625])
  })
})

it('a task that its own handler releases is claimed again after a growing pause, without a limit on tries', () => {
  const { breaker, advance } = breakerWithClock()
  const waits = Array.from({ length: 8 }, () => {
    breaker.recordClaim()
    breaker.recordRelease()
    const waitMs = breaker.waitMs()
    advance(waitMs)
    return waitMs
  })
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  expect(breaker.failureCount()).toBe(0)
  breaker.recordSuccess()
  breaker.recordRelease()
  expect(breaker.waitMs()).toBe(100)
})
