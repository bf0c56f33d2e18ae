import { expect, test } from 'vitest'
import type { Figure, Point } from './figure.ts'
import { axisTo, logShare } from './plot-scale.ts'
import { plotSvg } from './plot.ts'

test('an axis has three to six ticks at round numbers, the last at or above the largest value', () => {
  expect(axisTo(40)).toEqual({ end: 40, ticks: [0, 10, 20, 30, 40] })
  expect(axisTo(41)).toEqual({ end: 50, ticks: [0, 10, 20, 30, 40, 50] })
  expect(axisTo(2.5)).toEqual({ end: 2.5, ticks: [0, 0.5, 1, 1.5, 2, 2.5] })
  for (let most = 0.013; most < 1e6; most *= 1.7) {
    const { end, ticks } = axisTo(most)
    expect(end).toBeGreaterThanOrEqual(most)
    expect(ticks.length).toBeGreaterThanOrEqual(3)
    expect(ticks.length).toBeLessThanOrEqual(6)
  }
})

test('on a logarithmic axis, equal factors are equally far apart', () => {
  expect(logShare(1000, 1000, 1_000_000)).toBe(0)
  expect(logShare(100_000, 1000, 1_000_000)).toBeCloseTo(2 / 3)
  expect(logShare(1_000_000, 1000, 1_000_000)).toBe(1)
  expect(logShare(5, 5, 5)).toBe(0.5)
})

const costAt = (panel: Point['panel'], series: Point['series'], tasks: number, value: number): Figure => ({
  what: 'a claim',
  amount: { value, unit: panel === 'library' ? 'µs' : 'ms' },
  point: { panel, series, tasks },
})

test('every size of every series is a point with its figure as title', () => {
  const figures = (['library', 'command line'] as const).flatMap(panel =>
    (['ready', 'done'] as const).flatMap(series =>
      [1000, 100_000, 1_000_000].map(tasks => costAt(panel, series, tasks, 30 + tasks / 1e5)),
    ),
  )
  const svg = plotSvg(figures) ?? ''
  expect(svg.match(/<circle/g)).toHaveLength(12)
  expect(svg.match(/<polyline/g)).toHaveLength(4)
  expect(svg).toContain('<title>1,000,000 nearly all done: 40.0 ms</title>')
  expect(svg).not.toMatch(/NaN|undefined|Infinity/)
})

test('without figures for both panels there is no plot', () => {
  expect(plotSvg([costAt('library', 'ready', 1000, 30)])).toBeUndefined()
})
