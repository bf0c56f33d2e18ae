import fc from 'fast-check'
import { expect, it } from 'vitest'
import { timeFromMs } from './clock.ts'

/** The same random numbers in every run. */
const seed = 20_261_129

const yearMs = 366 * 86_400_000

it(`a time is formatted as by toISOString, in any year and on either side of midnight (seed ${seed})`, () => {
  const nearMidnight = fc.tuple(fc.integer({ min: -80_000, max: 3_000_000 }), fc.integer({ min: -2, max: 2 }))
  const times = fc.oneof(
    fc.integer({ min: Date.UTC(1899, 0), max: Date.UTC(10_001, 0) }),
    nearMidnight.map(([day, ms]) => day * 86_400_000 + ms),
    fc.double({ min: -yearMs, max: yearMs, noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), all => {
      // In this order, as the last results are cached.
      expect(all.map(timeFromMs)).toEqual(all.map(ms => new Date(ms).toISOString()))
    }),
    { seed, numRuns: 5000 },
  )
})

it('an invalid date is refused', () => {
  expect(() => timeFromMs(Number.NaN)).toThrow(RangeError)
  expect(() => timeFromMs(Infinity)).toThrow(RangeError)
})
