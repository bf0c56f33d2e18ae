import { describe, expect, it } from 'vitest'
import { handOverOf } from './file-lock.ts'

const at = (start: number) => {
  let nowMs = start
  return { monotonicMs: () => nowMs, pass: (ms: number) => void (nowMs += ms) }
}

describe('a process that takes the lock again and again', () => {
  it('keeps it as long as it meets nobody', () => {
    const clock = at(1000)
    const handOver = handOverOf(clock.monotonicMs)
    for (let i = 0; i < 100; i += 1) {
      clock.pass(10)
      expect(handOver.isDue()).toBe(false)
    }
  })

  it('has its burst, and then leaves it to the others that it met', () => {
    const clock = at(1000)
    const handOver = handOverOf(clock.monotonicMs)
    handOver.begin()
    handOver.metOthers()
    expect(handOver.isDue()).toBe(false)
    clock.pass(2)
    expect(handOver.isDue()).toBe(true)
    handOver.begin()
    expect(handOver.isDue()).toBe(false)
    clock.pass(2)
    expect(handOver.isDue()).toBe(true)
  })

  it('forgets others that have not been met for a while', () => {
    const clock = at(1000)
    const handOver = handOverOf(clock.monotonicMs)
    handOver.begin()
    handOver.metOthers()
    clock.pass(150)
    expect(handOver.isDue()).toBe(false)
    handOver.metOthers()
    expect(handOver.isDue()).toBe(true)
  })
})
