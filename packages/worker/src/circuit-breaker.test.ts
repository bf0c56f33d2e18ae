import { describe, expect, it } from 'vitest'
import { type CircuitBreaker, circuitBreaker } from './circuit-breaker.ts'

/** A breaker with a manual clock, whose pauses have their average length. */
const breakerAt = (): { readonly breaker: CircuitBreaker; readonly pass: (ms: number) => void } => {
  let nowMs = 0
  const breaker = circuitBreaker({ random: () => 0.5, monotonicMs: () => nowMs })
  return { breaker, pass: ms => void (nowMs += ms) }
}

/** Claims a task as soon as possible, and fails; returns the time it had to wait. */
const tryAndFail = (breaker: CircuitBreaker, pass: (ms: number) => void): number => {
  const waitedMs = breaker.waitMs()
  pass(waitedMs)
  breaker.taken()
  breaker.failed()
  return waitedMs
}

describe('a worker that cannot do its part', () => {
  it('waits twice as long after each try, and half a minute at most', () => {
    const { breaker, pass } = breakerAt()
    const waits = Array.from({ length: 9 }, () => tryAndFail(breaker, pass))
    expect(waits).toEqual([0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(breaker.failures()).toBe(9)
  })

  it('counts tasks that were claimed at once as one failure', () => {
    const { breaker } = breakerAt()
    for (let slot = 0; slot < 4; slot += 1) breaker.taken()
    for (let slot = 0; slot < 4; slot += 1) breaker.failed()
    expect(breaker.failures()).toBe(1)
    expect(breaker.waitMs()).toBe(500)
  })

  it('claims one task at a time until none has failed for half a minute', () => {
    const { breaker, pass } = breakerAt()
    tryAndFail(breaker, pass)
    pass(breaker.waitMs())
    breaker.taken()
    expect(breaker.waitMs()).toBe(1000)
    breaker.succeeded()
    expect([breaker.waitMs(), breaker.failures()]).toEqual([1000, 0])
    pass(30_000)
    breaker.succeeded()
    breaker.taken()
    expect(breaker.waitMs()).toBe(0)
  })

  it('waits for a random time, so that workers do not synchronise', () => {
    const waits = [0, 0.25, 1].map(drawn => {
      const breaker = circuitBreaker({ random: () => drawn, monotonicMs: () => 0 })
      breaker.failed()
      return breaker.waitMs()
    })
    expect(waits).toEqual([375, 437.5, 625])
  })
})

it('a task that its own handler releases is claimed again after a growing pause, without a limit on tries', () => {
  const { breaker, pass } = breakerAt()
  const waits = Array.from({ length: 8 }, () => {
    breaker.taken()
    breaker.released()
    const waitMs = breaker.waitMs()
    pass(waitMs)
    return waitMs
  })
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  expect(breaker.failures()).toBe(0)
  breaker.succeeded()
  breaker.released()
  expect(breaker.waitMs()).toBe(100)
})
