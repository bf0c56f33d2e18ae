import { expect, test } from 'vitest'
import { type Shift, tallyOf } from './shift.ts'

const shift: Shift = { way: 'halves', lanes: 1, countFromMs: 100, untilMs: 200 }

test('work during the warm-up, or that ends after the phase, does not count', () => {
  const tally = tallyOf(shift)
  tally.finished(90, 99)
  tally.finished(99, 101)
  tally.finished(101, 110)
  tally.finished(110, 120, 10)
  tally.finished(190, 200)
  expect(tally.work()).toMatchObject({ done: 11, countedMs: 100 })
})

test('a claim that starts before the measurement or ends after it counts', () => {
  const tally = tallyOf(shift)
  tally.claimed(90, 99)
  tally.claimed(98, 100)
  tally.claimed(150, 151)
  tally.claimed(190, 1190)
  tally.claimed(200, 201)
  expect([...tally.work().claimMs]).toEqual([2, 1, 1000])
})

test('if the tasks run out, only the time until then counts', () => {
  const tally = tallyOf(shift)
  tally.finished(110, 120)
  tally.ranOut(150)
  expect(tally.goesOn(149)).toBe(true)
  expect(tally.goesOn(150)).toBe(false)
  expect(tally.work()).toMatchObject({ done: 1, countedMs: 50 })
})

test('a phase whose tasks ran out during the warm-up has measured no time', () => {
  const tally = tallyOf(shift)
  tally.ranOut(50)
  expect(tally.work().countedMs).toBe(0)
})
