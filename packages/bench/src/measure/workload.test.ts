import { expect, test } from 'vitest'
import { type ScheduledPhase, createWorkCounter } from './workload.ts'

const phase: ScheduledPhase = { workload: 'halves', concurrency: 1, countFromMs: 100, untilMs: 200 }

test('work during the warm-up, or that ends after the phase, does not count', () => {
  const counter = createWorkCounter(phase)
  counter.recordWork(90, 99)
  counter.recordWork(99, 101)
  counter.recordWork(101, 110)
  counter.recordWork(110, 120, 10)
  counter.recordWork(190, 200)
  expect(counter.result()).toMatchObject({ done: 11, countedMs: 100 })
})

test('a claim that starts before the measurement or ends after it counts', () => {
  const counter = createWorkCounter(phase)
  counter.recordClaim(90, 99)
  counter.recordClaim(98, 100)
  counter.recordClaim(150, 151)
  counter.recordClaim(190, 1190)
  counter.recordClaim(200, 201)
  expect([...counter.result().claimMs]).toEqual([2, 1, 1000])
})

test('if the tasks run out, only the time until then counts', () => {
  const counter = createWorkCounter(phase)
  counter.recordWork(110, 120)
  counter.endPhase(150)
  expect(counter.isRunning(149)).toBe(true)
  expect(counter.isRunning(150)).toBe(false)
  expect(counter.result()).toMatchObject({ done: 1, countedMs: 50 })
})

test('a phase whose tasks ran out during the warm-up has measured no time', () => {
  const counter = createWorkCounter(phase)
  counter.endPhase(50)
  expect(counter.result().countedMs).toBe(0)
})
