import { expect, test } from 'vitest'
import { alternate, summarizeLatency, median, medianRatio } from './measurement.ts'

test('the median is the middle value, and the mean of the two middle ones of an even number', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(median([10, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('the ratio is the median over the pairs, so a machine that slows down for both changes nothing', () => {
  expect(medianRatio([100, 50, 10], [50, 25, 5])).toBe(2)
  // The ratio of the two medians would be 50 / 50.
  expect(medianRatio([100, 50, 10], [200, 25, 50])).toBe(0.5)
})

test('a percentile is the smallest duration that this share does not exceed, over all processes', () => {
  const oneToThousand = Float64Array.from({ length: 1000 }, (_, i) => 1000 - i)
  const halves = [oneToThousand.subarray(0, 300), oneToThousand.subarray(300)]
  expect(summarizeLatency(halves)).toEqual({ p50: 500, p99: 990, p999: 999, max: 1000 })
  expect(summarizeLatency([Float64Array.of(7)])).toEqual({ p50: 7, p99: 7, p999: 7, max: 7 })
  expect(summarizeLatency([])).toEqual({ p50: NaN, p99: NaN, p999: NaN, max: NaN })
})

test('measurements alternate', async () => {
  const order: Array<string> = []
  const measured = await alternate(2, {
    ours: () => order.push('ours'),
    theirs: () => order.push('theirs'),
  })
  expect(order).toEqual(['ours', 'theirs', 'ours', 'theirs'])
  expect(measured).toEqual({ ours: [1, 3], theirs: [2, 4] })
})
